// The rows and words that a study's tables and its page share.
#pragma once

#include <string>
#include <vector>

#include "cram/study/results.h"

namespace cram::study {

[[nodiscard]] std::vector<std::string> variant_heads(const Comparison& comparison);
[[nodiscard]] std::vector<std::vector<std::string>> variant_rows(const Comparison& comparison);

// What is to be said below them, a sentence each: the target first.
[[nodiscard]] std::vector<std::string> lines_below(const Comparison& comparison);

[[nodiscard]] const char* name(RunState state);

}  // namespace cram::study
