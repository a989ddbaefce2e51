#include "test_predictions.h"

#include <algorithm>

#include "cram/base/file.h"
#include "cram/base/hash.h"
#include "cram/checkpoint/restore.h"
#include "cram/checkpoint/task_folder.h"
#include "cram/finetune/prediction.h"
#include "cram/finetune/prediction_lines.h"
#include "cram/glue/submission.h"

namespace cram::finetune {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<model::TaskModel> load(const JobParts& parts, const fs::path& folder) {
  const checkpoint::TaskFolder read = checkpoint::read_task_folder(folder);
  auto model =
      make_task_model(parts.pretrained, read.task.head, parts.recipe.finetune, parts.placement, 0);
  checkpoint::restore(read.weights, checkpoint::masters(model->weights()), folder.string());
  ops::refresh_compute_copies(model->weights());
  return model;
}

std::string file_name(const Workload& workload, const glue::Split& split) {
  return workload.task == nullptr ? split.name + ".jsonl"
                                  : glue::submission_file(*workload.task, split.name);
}

void write_predictions(const Workload& workload, const glue::Split& split,
                       const std::vector<Prediction>& made, const fs::path& folder) {
  if (workload.task == nullptr) {
    write_file_atomic(folder / file_name(workload, split),
                      prediction_lines(made, split, workload.data));
    return;
  }
  std::vector<double> values;
  for (const Prediction& prediction : made) values.push_back(prediction.value);
  write_file_atomic(folder / file_name(workload, split),
                    glue::render_submission(*workload.task, split, values));
}

}  // namespace

std::string predictions_key(const fs::path& folder, const fs::path& model_seed) {
  std::vector<fs::path> files = {model_seed};
  if (fs::is_directory(folder)) {
    for (const fs::path& file : fs::directory_iterator(folder)) files.push_back(file);
  }
  std::sort(files.begin(), files.end());
  Hasher hasher;
  for (const fs::path& file : files) {
    const std::string content = fs::is_regular_file(file) ? read_file(file) : "";
    hasher.add(file.filename().string() + "\n" + std::to_string(content.size()) + "\n" + content);
  }
  return hex64(hasher.value());
}

void predict_tests(const JobParts& parts, const fs::path& model_folder, const fs::path& folder) {
  const Workload& workload = parts.workload;
  if (workload.test.empty()) return;
  const auto model = load(parts, model_folder);
  const PredictionOptions options =
      prediction_options(workload.data, parts.pretrained.recipe.model.segments > 1);
  replace_folder_atomic(folder, [&](const fs::path& fresh) {
    for (std::size_t i = 0; i < workload.test.size(); ++i) {
      const glue::Split& split = workload.data.test[i];
      write_predictions(workload, split,
                        predict(*model, workload.test[i], split, workload.data, options), fresh);
    }
  });
}

}  // namespace cram::finetune
