// Where the parts of a study work.
#pragma once

#include <filesystem>

#include "cram/recipe/study.h"

namespace cram::study {

// Of `cram pretrain`; the model is in model/ there.
[[nodiscard]] inline std::filesystem::path run_folder(const recipe::StudyRun& run) {
  return std::filesystem::path(run.recipe.runs_folder) / run.recipe.name;
}

// Of `cram finetune`.
[[nodiscard]] inline std::filesystem::path glue_folder(const recipe::StudyRun& run) {
  return std::filesystem::path(run.recipe.runs_folder).parent_path() / "glue" / run.recipe.name;
}

// Of `cram evaluate`.
[[nodiscard]] inline std::filesystem::path text_score_file(const recipe::StudyRun& run) {
  return std::filesystem::path(run.recipe.runs_folder).parent_path() / "text" /
         (run.recipe.name + ".json");
}

}  // namespace cram::study
