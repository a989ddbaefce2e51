// The test splits of a task, predicted by the model that was kept.
#pragma once

#include <filesystem>
#include <string>

#include "cram/finetune/job.h"

namespace cram::finetune {

// Files in `folder`: for GLUE's server, or a line of JSON for each of a user's examples. Replaces
// the folder, whole or not at all. Throws Interrupted when a signal asks to stop.
void predict_tests(const JobParts& parts, const std::filesystem::path& model,
                   const std::filesystem::path& folder);

// Of the files in `folder` and the model that made them, the seed of which is in `model_seed`:
// another one when anything is changed, added or missing.
[[nodiscard]] std::string predictions_key(const std::filesystem::path& folder,
                                          const std::filesystem::path& model_seed);

}  // namespace cram::finetune
