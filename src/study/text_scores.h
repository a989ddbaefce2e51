// The scores of a study's models on its text.
#pragma once

#include <optional>

#include "cram/recipe/study.h"
#include "cram/study/text_score.h"

namespace cram::study {

// Nothing before the run's model has been scored, or where that was of other sources or of another
// model than is there now. Throws Error{kData} for a file that cannot be read.
[[nodiscard]] std::optional<TextScore> read_text_score(const recipe::Study& study,
                                                       const recipe::StudyRun& run);

}  // namespace cram::study
