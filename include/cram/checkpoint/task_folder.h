// The folder of a fine-tuned model: model.safetensors, config.json, task.json, recipe.yaml, the
// tokenizer and README.md.
//
// An original BERT with a first-token head gives a folder that Hugging Face's
// BertForSequenceClassification, BertForTokenClassification or BertForQuestionAnswering loads as
// it is; any other keeps our own names of the weights ("model_type": "cram"). A recipe that
// read_model_folder made of a config.json is not written, and is made again when it is read.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cram/checkpoint/model_folder.h"
#include "cram/model/task_model.h"

namespace cram::checkpoint {

// What the outputs of a fine-tuned model mean: task.json.
struct TaskDescription {
  std::string task;                 // "mnli", or the name of a user's data set
  std::string problem;              // "classification", "regression", "token-labels", "span"
  bool pairs = false;               // classification, regression: it reads pairs of texts
  std::vector<std::string> labels;  // of the outputs; empty for a score and for spans
  model::TaskHead head;
  std::int64_t max_length = 128;  // tokens of an example that it was fine-tuned on
  bool second_separator = false;  // a lone text ends with two [SEP]
  std::int64_t unseen_label = 0;  // token labels: of words that were cut off or have no token
  bool always_answered = false;   // span: every question that it was fine-tuned on has an answer
  bool operator==(const TaskDescription&) const = default;
};

struct TaskFolder {
  recipe::Recipe recipe;  // of the pretrained model: its model and tokenizer sections count
  NamedTensors weights;   // by the names of model::TaskModel
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
  TaskDescription task;
  std::optional<std::int64_t> max_tokens = {};  // as ModelFolder has it
};

// Replaces `folder`, whole or not at all, and returns the model card that stands in it; `training`
// is what the card says of how the model came to be. The weights are those of a TaskModel with the
// head of `model.task`, whose parts go together: as many labels as outputs, or none for a score and
// for spans.
ModelCard write_task_folder(const std::filesystem::path& folder, const TaskFolder& model,
                            const Facts& training = {});

// Reads what write_task_folder wrote. Throws Error{kData}, naming the file at fault, and saying so
// when the folder holds a model that was pretrained but not fine-tuned.
[[nodiscard]] TaskFolder read_task_folder(const std::filesystem::path& folder);

// Reads its task.json alone. Throws as read_task_folder.
[[nodiscard]] TaskDescription read_task_description(const std::filesystem::path& folder);

}  // namespace cram::checkpoint
