// How a run's model does on the study's text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cram/recipe/study.h"
#include "cram/study/results.h"

namespace cram::study {

// What `cram evaluate --output` left; nothing where it has not been, or was given another text or
// another model than is there now. Throws Error{kData} when the file is damaged.
[[nodiscard]] std::optional<TextScore> read_text_score(const std::vector<std::string>& text,
                                                       const recipe::StudyRun& run);

}  // namespace cram::study
