// A fine-tuned model, ready to predict.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "cram/checkpoint/task_folder.h"
#include "cram/finetune/prediction.h"
#include "cram/model/task_model.h"
#include "cram/recipe/recipe.h"
#include "cram/tokenizer/tokenizer.h"

namespace cram::finetune {

struct LoadedTaskModel {
  checkpoint::TaskDescription task;
  recipe::Recipe recipe;  // of the pretrained model
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
  std::unique_ptr<model::TaskModel> model;
  std::optional<std::int64_t> max_tokens = {};  // as checkpoint::ModelFolder has it

  // The problem, labels, name and `pairs` of the data that it was fine-tuned on, without examples.
  [[nodiscard]] glue::DataSet data() const;
};

// The folder of a fine-tuned model: `folder` itself, or that of `task` in a run of finetune();
// `task` may be empty where there is only one. Throws Error{kUsage} for a task that has no model
// there, and Error{kData} where there is none at all.
[[nodiscard]] std::filesystem::path find_task_model(const std::filesystem::path& folder,
                                                    const std::string& task);

// Loads the folder of a fine-tuned model. Throws Error{kData}.
[[nodiscard]] LoadedTaskModel load_task_model(const std::filesystem::path& folder,
                                              const recipe::Device& device,
                                              const recipe::Precision& precision);

// One prediction for each example. `data` is model.data().
[[nodiscard]] std::vector<Prediction> predict_split(const LoadedTaskModel& model,
                                                    const glue::Split& split,
                                                    const glue::DataSet& data);

}  // namespace cram::finetune
