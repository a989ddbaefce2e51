// The test splits of a task, predicted by the model that was kept.
#pragma once

#include <filesystem>

#include "cram/finetune/job.h"

namespace cram::finetune {

// Files in `folder`: for GLUE's server, or a line of JSON for each of a user's examples. Replaces
// the folder, whole or not at all. Throws Interrupted when a signal asks to stop.
void predict_tests(const JobParts& parts, const std::filesystem::path& model,
                   const std::filesystem::path& folder);

// Whether there is a file for each test split.
[[nodiscard]] bool has_predictions(const Workload& workload, const std::filesystem::path& folder);

}  // namespace cram::finetune
