// What fine-tuning made of the runs of a study.
#pragma once

#include <optional>

#include "cram/recipe/study.h"

namespace cram::study {

// The mean over the study's tasks, from 0 to 1, once each has all its seeds; NaN where one
// diverged. It is of the seeds and tasks that the study asks for, whatever else was done, and only
// where the recipe for fine-tuning and the model are still those that the scores are of. Throws
// Error{kData} for files that `cram finetune` did not write.
[[nodiscard]] std::optional<double> read_glue_mean(const recipe::StudyGlue& glue,
                                                   const recipe::StudyRun& run);

}  // namespace cram::study
