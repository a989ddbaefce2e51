// The mark that cram leaves in the weights that it writes.
#pragma once

#include <filesystem>

namespace cram::checkpoint {

// Whether it is a model folder with weights that cram wrote. Other programs give the same names to
// files, also to some that cannot be made again.
[[nodiscard]] bool is_marked(const std::filesystem::path& folder);

}  // namespace cram::checkpoint
