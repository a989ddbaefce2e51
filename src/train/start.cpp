#include "cram/train/start.h"

#include <algorithm>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/log.h"
#include "cram/checkpoint/restore.h"
#include "cram/recipe/load.h"
#include "cram/train/loaded_model.h"
#include "cram/train/run_folder.h"

namespace cram::train {
namespace {

namespace fs = std::filesystem;
using checkpoint::NamedTensors;

Error gone(const recipe::Recipe& recipe) {
  return {ErrorCode::kData,
          recipe.model.from + ": the folder of 'model.from' is not there, and no run in " +
              run_paths(recipe).root.string() + " has begun with it",
          "give the folder of a model or of a finished run"};
}

checkpoint::ModelDescription describe(const recipe::Recipe& recipe) {
  return checkpoint::describe_model_folder(find_model_folder(recipe.model.from));
}

bool is_of_task(const NamedTensors::value_type& entry) { return entry.first.starts_with("task."); }

}  // namespace

bool start_is_there(const recipe::Recipe& recipe) { return fs::exists(recipe.model.from); }

recipe::Model start_model(const recipe::Recipe& written) {
  if (start_is_there(written)) {
    const recipe::Recipe found = describe(written).recipe;
    recipe::Model model = found.model;
    // A table that was learned has its own length, whatever that of the sequences to come.
    const bool learned = model.positions == recipe::Positions::kLearned;
    model.max_positions = learned ? std::max(model.max_positions, found.sequence.length) : 0;
    return model;
  }
  const RunPaths run = run_paths(written);
  if (!fs::exists(run.recipe())) throw gone(written);
  const recipe::Recipe of_run = recipe::load(run.recipe());
  if (of_run.model.from != written.model.from) throw gone(written);
  return of_run.model;
}

std::shared_ptr<const tokenizer::Tokenizer> start_tokenizer(const recipe::Recipe& recipe) {
  if (start_is_there(recipe)) return describe(recipe).tokenizer;
  const fs::path kept = run_paths(recipe).tokenizer();
  if (!fs::exists(kept)) throw gone(recipe);
  return tokenizer::load_tokenizer(kept, {});
}

void keep_start_tokenizer(const recipe::Recipe& recipe, const tokenizer::Tokenizer& tokenizer) {
  replace_folder_atomic(run_paths(recipe).tokenizer(),
                        [&](const fs::path& fresh) { tokenizer.save(fresh); });
}

checkpoint::ModelFolder read_start(const recipe::Recipe& recipe) {
  checkpoint::ModelFolder start =
      checkpoint::read_model_folder(find_model_folder(recipe.model.from));
  checkpoint::leave_task_out(start, recipe.model.from);
  return start;
}

void load_start(const checkpoint::ModelFolder& start, const recipe::Recipe& recipe,
                const model::MaskedLanguageModel& model) {
  checkpoint::restore_masked_lm(start, checkpoint::masters(model.weights()), recipe.model.from);
  ops::refresh_compute_copies(model.weights());
  log::info("start      " + checkpoint::pretrained_start(recipe));
  if (!checkpoint::predicts_masked_tokens(start)) {
    log::info("start      without a masked-LM head: a fresh one is trained");
  }
  if (std::any_of(start.weights.begin(), start.weights.end(), is_of_task)) {
    log::info("start      its pooler is left out");
  }
}

}  // namespace cram::train
