// A study's outcome for people and programs.
#pragma once

#include <string>
#include <vector>

#include "cram/study/results.h"

namespace cram::study {

// A row for each variant: loss over its seeds, the time to the target, speed and, where the study
// asks for them, loss on its text and the mean over tasks of GLUE. ASCII.
[[nodiscard]] std::string to_text(const Comparison& comparison);
[[nodiscard]] std::string to_markdown(const Comparison& comparison);
// The same with all digits and every run's curve; NaN is null.
[[nodiscard]] std::string to_json(const recipe::Study& study, const Comparison& comparison,
                                  const std::vector<RunResult>& runs);
// One self-contained page with the table, the curves over tokens and over time, and what each
// variant changes.
[[nodiscard]] std::string to_html(const recipe::Study& study, const Comparison& comparison,
                                  const std::vector<RunResult>& runs);

}  // namespace cram::study
