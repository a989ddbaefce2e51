// The rows and words that a study's tables and its page share.
#pragma once

#include <string>
#include <vector>

#include "cram/study/results.h"

namespace cram::study {

[[nodiscard]] std::vector<std::string> variant_heads(const Comparison& comparison);
[[nodiscard]] std::vector<std::vector<std::string>> variant_rows(const Comparison& comparison);

// "target: held-out loss 4.5".
[[nodiscard]] std::string target_line(const Comparison& comparison);

[[nodiscard]] const char* name(RunState state);

}  // namespace cram::study
