#include "cram/finetune/loaded_task_model.h"

#include <algorithm>

#include "cram/base/error.h"
#include "cram/checkpoint/restore.h"
#include "cram/glue/problem_name.h"
#include "cram/glue/task.h"
#include "cram/train/device.h"

#include "model_shape.h"
#include "run_paths.h"

namespace cram::finetune {
namespace {

namespace fs = std::filesystem;

bool is_task_model(const fs::path& folder) { return fs::exists(folder / "task.json"); }

// The tasks of a run that have a model, in the order of their names.
std::vector<std::string> tasks_of(const FinetunePaths& paths) {
  std::vector<std::string> tasks;
  for (const fs::path& entry : fs::directory_iterator(paths.run.root)) {
    const std::string task = entry.filename().string();
    if (is_task_model(paths.model(task))) tasks.push_back(task);
  }
  std::sort(tasks.begin(), tasks.end());
  return tasks;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

fs::path find_task_model(const fs::path& folder, const std::string& name) {
  const glue::Task* known = glue::find_task(name);
  const std::string task = known != nullptr ? known->name : name;
  if (!fs::is_directory(folder)) {
    throw Error(ErrorCode::kData, folder.string() + ": no such folder");
  }
  if (is_task_model(folder)) {
    const std::string own = checkpoint::read_task_description(folder).task;
    if (task.empty() || task == own) return folder;
    throw Error(ErrorCode::kUsage, folder.string() + ": the model of " + own + ", not of " + task,
                "leave out --task, or name the folder of the run");
  }
  const FinetunePaths paths(folder);
  const std::vector<std::string> tasks = tasks_of(paths);
  if (tasks.empty()) {
    throw Error(ErrorCode::kData, folder.string() + ": no fine-tuned model",
                "`cram finetune` makes one");
  }
  if (task.empty() && tasks.size() == 1) return paths.model(tasks.front());
  if (std::find(tasks.begin(), tasks.end(), task) != tasks.end()) return paths.model(task);
  throw Error(ErrorCode::kUsage,
              folder.string() + (task.empty() ? ": more than one task" : ": no model for " + task),
              "choose with --task: " + joined(tasks));
}

glue::DataSet LoadedTaskModel::data() const {
  glue::DataSet data;
  data.name = task.task;
  data.problem = glue::find_problem(task.problem).value();
  data.pairs = task.pairs;
  data.labels = task.labels;
  return data;
}

LoadedTaskModel load_task_model(const std::filesystem::path& folder, const recipe::Device& device,
                                const recipe::Precision& precision) {
  checkpoint::TaskFolder read = checkpoint::read_task_folder(folder);
  if (!glue::find_problem(read.task.problem)) {
    throw Error(ErrorCode::kData, folder.string() + "/task.json: the problem '" +
                                      read.task.problem + "' is not known");
  }
  const std::int64_t rows = token_rows(read.weights, folder.string());
  check_vocabulary(*read.tokenizer, rows, folder.string());
  const train::DeviceChoice where = train::choose_device(device);
  const train::PrecisionChoice type =
      train::choose_precision(precision, read.recipe.model, kProbeTokens, where.device);
  LoadedTaskModel loaded{read.task, read.recipe, read.tokenizer, nullptr, read.max_tokens};
  loaded.model = std::make_unique<model::TaskModel>(
      read.recipe.model, model_shape(read.recipe, rows, read.task.max_length, folder.string()),
      read.task.head, train::placement_of(where, type), read.recipe.seed);
  checkpoint::restore(read.weights, checkpoint::masters(loaded.model->weights()), folder.string());
  ops::refresh_compute_copies(loaded.model->weights());
  return loaded;
}

std::vector<Prediction> predict_split(const LoadedTaskModel& model, const glue::Split& split,
                                      const glue::DataSet& data) {
  const std::vector<Input> inputs = make_inputs(
      split, data, *model.tokenizer, {model.task.max_length, model.task.second_separator});
  const PredictionOptions options{
      .segments = model.recipe.model.segments > 1,
      .unseen_label = static_cast<int>(model.task.unseen_label),
      .answers = model.task.always_answered ? Answers::kAlways : Answers::kMaybeNone};
  return predict(*model.model, inputs, split, data, options);
}

}  // namespace cram::finetune
