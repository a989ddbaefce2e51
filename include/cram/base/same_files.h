// Whether folders differ.
#pragma once

#include <filesystem>

namespace cram {

// Whether two folders hold the same files and folders, byte for byte. A link is the same as nothing
// else. Throws Error{kData} for a file that cannot be read.
[[nodiscard]] bool same_files(const std::filesystem::path& one, const std::filesystem::path& other);

}  // namespace cram
