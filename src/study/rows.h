// The rows and words that a study's tables and its page share.
#pragma once

#include <string>
#include <vector>

#include "cram/study/results.h"

namespace cram::study {

inline const std::vector<std::string> kVariantHeads = {
    "variant", "seeds", "held-out loss", "min to max", "accuracy", "target", "tokens", "tokens/s"};
[[nodiscard]] std::vector<std::vector<std::string>> variant_rows(const Comparison& comparison);

// "target: held-out loss 4.5".
[[nodiscard]] std::string target_line(const Comparison& comparison);

[[nodiscard]] const char* name(RunState state);

}  // namespace cram::study
