// The model of a fine-tuned task written anew, as train::export_model does for pretrained ones.
#pragma once

#include <filesystem>
#include <string>

#include "cram/checkpoint/model_card.h"

namespace cram::finetune {

// Whether `folder` is a run of finetune() or the model of a task.
[[nodiscard]] bool is_finetuned(const std::filesystem::path& folder);

// `source` and `task` as find_task_model takes them. Throws Error as it and train::export_model do.
checkpoint::ModelCard export_task_model(const std::filesystem::path& source,
                                        const std::string& task,
                                        const std::filesystem::path& output);

}  // namespace cram::finetune
