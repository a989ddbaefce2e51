// What fine-tuning made of the runs of a study.
#pragma once

#include <filesystem>
#include <optional>

#include "cram/recipe/study.h"

namespace cram::study {

// Where `cram finetune` works for the run.
[[nodiscard]] std::filesystem::path glue_folder(const recipe::StudyRun& run);

// The mean over the study's tasks, from 0 to 1, once each has all its seeds with the study's recipe
// for fine-tuning; NaN where one diverged. Throws Error{kData} for a results.json that
// `cram finetune` did not write.
[[nodiscard]] std::optional<double> read_glue_mean(const recipe::StudyGlue& glue,
                                                   const recipe::StudyRun& run);

// Whether scores lie there of another recipe for fine-tuning or of other tasks.
[[nodiscard]] bool holds_other_scores(const recipe::StudyGlue& glue, const recipe::StudyRun& run);

}  // namespace cram::study
