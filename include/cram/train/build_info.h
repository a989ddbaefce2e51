// What this program was built from and runs on, for run folders and bug reports.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace cram::train {

// Name and value, in the order in which a person wants to read them.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> build_info();
[[nodiscard]] std::string build_info_json();

}  // namespace cram::train
