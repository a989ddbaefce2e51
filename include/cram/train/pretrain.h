// `cram pretrain`: from a recipe to a trained model in its run folder, continuing what is there.
#pragma once

#include <filesystem>
#include <optional>

#include "cram/recipe/recipe.h"
#include "cram/train/run_folder.h"
#include "cram/train/trainer.h"

namespace cram::train {

struct PretrainResult {
  Outcome outcome;
  RunPaths paths;
};

// Prepares the data if needed, trains to the end of the budget or to a signal, and after the end
// writes the model folder and the report. Throws Error, or Interrupted when a signal comes before
// there is anything to save.
[[nodiscard]] PretrainResult pretrain(const recipe::Recipe& recipe, const OpenOptions& options);

}  // namespace cram::train
