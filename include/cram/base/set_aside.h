// What is in the way of something new, kept under another name.
#pragma once

#include <filesystem>

namespace cram {

// Renames a file or folder to the first free one of path.1, path.2, … and returns that name. Throws
// Error{kStorage} where it cannot.
std::filesystem::path set_aside(const std::filesystem::path& path);

}  // namespace cram
