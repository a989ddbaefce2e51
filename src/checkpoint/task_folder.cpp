#include "cram/checkpoint/task_folder.h"

#include <algorithm>
#include <map>

#include "cram/base/error.h"
#include "cram/base/file.h"

#include "folder_files.h"
#include "model_config.h"
#include "model_facts.h"
#include "task_description.h"
#include "weights_file.h"

namespace cram::checkpoint {

namespace {

namespace fs = std::filesystem;
using model::Outputs;
using nlohmann::ordered_json;

std::int64_t inner_size(const recipe::Model& model, const model::TaskHead& head) {
  return head.inner_size == 0 ? model.hidden_size : head.inner_size;
}

// The family one of whose classes computes the same function; null where none does.
const Family* family_for(const recipe::Model& model, const model::TaskHead& head) {
  const Family* family = family_expressing(model);
  if (family == nullptr) return nullptr;
  if (head.outputs == Outputs::kOfTokens) {
    return family->names(model).labels.empty() ? nullptr : family;
  }
  const bool same = family->classifies && head.pooling == recipe::Pooling::kFirstToken &&
                    inner_size(model, head) == model.hidden_size;
  return same ? family : nullptr;
}

std::string architecture(const Family* family, const std::string& problem) {
  const std::string prefix = family == nullptr ? "Cram" : family->class_prefix;
  if (problem == "span") return prefix + "ForQuestionAnswering";
  return prefix +
         (problem == "token-labels" ? "ForTokenClassification" : "ForSequenceClassification");
}

ordered_json label_maps(const TaskDescription& task) {
  ordered_json names = ordered_json::object(), numbers = ordered_json::object();
  for (std::int64_t i = 0; i < task.head.size; ++i) {
    const std::string label = task.labels.empty() ? "LABEL_" + std::to_string(i)
                                                  : task.labels[static_cast<std::size_t>(i)];
    names[std::to_string(i)] = label;
    numbers[label] = i;
  }
  return {{"id2label", names}, {"label2id", numbers}};
}

void describe_task(ordered_json& config, const Family* family, const TaskDescription& task) {
  config["architectures"] = {architecture(family, task.problem)};
  config["num_labels"] = task.head.size;
  config["classifier_dropout"] = task.head.dropout;
  config.update(label_maps(task));
  if (task.problem == "classification") config["problem_type"] = "single_label_classification";
  if (task.problem == "regression") config["problem_type"] = "regression";
}

// How the weights of the head differ from its description; empty when they do not.
std::string mismatch(const NamedTensors& weights, const recipe::Model& model,
                     const model::TaskHead& head) {
  std::map<std::string, std::vector<std::int64_t>> wanted;
  const auto want = [&](const std::string& layer, std::int64_t rows, std::int64_t columns) {
    wanted[model::TaskModel::kHeadPrefix + layer + ".weight"] = {rows, columns};
    wanted[model::TaskModel::kHeadPrefix + layer + ".bias"] = {rows};
  };
  const bool pooled = head.outputs == Outputs::kOfSequence;
  if (pooled) want("pooler", inner_size(model, head), model.hidden_size);
  want("classifier", head.size, pooled ? inner_size(model, head) : model.hidden_size);
  for (const auto& [name, tensor] : weights) {
    if (!name.starts_with(model::TaskModel::kHeadPrefix) && !name.starts_with("head.")) continue;
    const auto found = wanted.extract(name);
    if (!found.empty() && tensor.sizes() == at::IntArrayRef(found.mapped())) continue;
    return name + " does not fit the head that task.json describes";
  }
  return wanted.empty() ? "" : wanted.begin()->first + " is missing";
}

// As the model met its texts in fine-tuning.
tokenizer::Framing task_framing(const TaskFolder& folder) {
  tokenizer::Framing framing = folder.tokenizer->framing();
  framing.start = true;
  framing.end = folder.task.second_separator ? 2 : 1;
  framing.between = std::max(framing.between, 1);
  framing.second_segment = framing.second_segment && folder.recipe.model.segments > 1;
  return framing;
}

void add_task(Facts& facts, const TaskDescription& task) {
  facts.push_back({"task", task.task});
  facts.push_back({"problem", task.problem + (task.pairs ? " of pairs of texts" : "")});
  std::string labels;
  for (const std::string& label : task.labels) labels += (labels.empty() ? "" : ", ") + label;
  if (!labels.empty()) facts.push_back({"labels", labels});
}

}  // namespace

ModelCard write_task_folder(const fs::path& folder, const TaskFolder& model,
                            const Facts& training) {
  const recipe::Recipe& recipe = model.recipe;
  const NamedTensors& ours = model.weights;
  const TaskDescription& task = model.task;
  if (const std::string why = mismatch(ours, recipe.model, task.head); !why.empty()) {
    throw Error(ErrorCode::kInternal, folder.string() + ": " + why);
  }
  const std::string description = render_task(task);  // Refuses labels that are not the outputs'.
  const Family* family = family_for(recipe.model, task.head);
  const TaskOutputs outputs = task.problem == "span" ? TaskOutputs::kSpans : TaskOutputs::kLabels;
  ordered_json config = make_config(family, recipe, ours, *model.tokenizer);
  describe_task(config, family, task);
  ModelCard card;
  replace_folder_atomic(folder, [&](const fs::path& fresh) {
    write_safetensors(fresh / kWeightsFile, named_by(family, recipe.model, ours, outputs), kMark);
    write_file_atomic(fresh / kConfigFile, render_config(config));
    write_file_atomic(fresh / kTaskFile, description);
    write_recipe(fresh, recipe);
    model.tokenizer->save(fresh, {.framing = task_framing(model),
                                  .max_tokens = most_tokens(recipe, model.max_tokens)});
    card = make_card({recipe, ours, config, training}, fresh);
    card.title = task.task;
    add_task(card.model, task);
    write_card(fresh, card);
  });
  return card;
}

TaskDescription read_task_description(const fs::path& folder) {
  const fs::path path = folder / kTaskFile;
  if (!fs::exists(path) && fs::exists(folder / kConfigFile)) {
    throw Error(ErrorCode::kData,
                folder.string() + ": was not fine-tuned, there is no " + kTaskFile + " in it",
                "`cram finetune` makes a model for a task of it");
  }
  return parse_task(read_file(path, 1 << 24), path.string());
}

TaskFolder read_task_folder(const fs::path& folder) {
  const TaskDescription task = read_task_description(folder);
  ModelFolder read = read_model_folder(folder);
  if (const std::string why = mismatch(read.weights, read.recipe.model, task.head); !why.empty()) {
    throw Error(ErrorCode::kData, find_weights(folder).string() + ": " + why);
  }
  return {.recipe = std::move(read.recipe),
          .weights = std::move(read.weights),
          .tokenizer = std::move(read.tokenizer),
          .task = task,
          .max_tokens = read.max_tokens};
}

}  // namespace cram::checkpoint
