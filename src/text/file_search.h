// The search for files of certain formats, as find_sources() promises it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cram/text/sources.h"

namespace cram::text {

using FileFilter = bool (*)(const std::filesystem::path& path);

// `formats` says for messages what `wanted` takes.
[[nodiscard]] std::vector<SourceFile> find_files(const std::vector<std::string>& sources,
                                                 FileFilter wanted, const std::string& formats);

}  // namespace cram::text
