#include "cram/finetune/export.h"

#include "cram/checkpoint/restore.h"
#include "cram/finetune/loaded_task_model.h"
#include "cram/train/export.h"

#include "run_paths.h"

namespace cram::finetune {

namespace fs = std::filesystem;

bool is_finetuned(const fs::path& folder) {
  return fs::is_regular_file(folder / "task.json") || fs::exists(FinetunePaths(folder).identity());
}

checkpoint::ModelCard export_task_model(const fs::path& source, const std::string& task,
                                        const fs::path& output) {
  const fs::path folder = find_task_model(source, task);
  const LoadedTaskModel loaded =
      load_task_model(folder, {.type = "cpu"}, {.compute = recipe::PrecisionType::kFp32});
  const checkpoint::TaskFolder model{loaded.recipe, checkpoint::masters(loaded.model->weights()),
                                     loaded.tokenizer, loaded.task, loaded.max_tokens};
  return train::export_folder(folder, output, [&](const fs::path& target) {
    return checkpoint::write_task_folder(target, model, checkpoint::recipe_facts(model.recipe));
  });
}

}  // namespace cram::finetune
