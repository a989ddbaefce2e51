// Folders and glob patterns on disk, without hidden entries unless a pattern names them.
//
// Everything is sorted by name. Throws Error{kData} for a folder that cannot be read.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cram::text {

// `folder` and all folders below it, each once: links to folders are followed, but never in
// circles.
[[nodiscard]] std::vector<std::filesystem::path> folders_below(const std::filesystem::path& folder);

// What lies in `folder` itself and is no folder.
[[nodiscard]] std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder);

[[nodiscard]] bool is_glob(const std::string& pattern);

// The files and folders that match: `*`, `?` and `[…]` within a name, `**` for any number of
// folders. A `**` at the end stands for the folder before it.
[[nodiscard]] std::vector<std::filesystem::path> expand_glob(const std::string& pattern);

}  // namespace cram::text
