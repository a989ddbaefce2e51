#include "cram/train/start.h"

#include <algorithm>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/log.h"
#include "cram/checkpoint/restore.h"
#include "cram/recipe/load.h"
#include "cram/train/loaded_model.h"

namespace cram::train {
namespace {

namespace fs = std::filesystem;
using checkpoint::NamedTensors;

// The record of a run that began with the model of the recipe and has saved something since.
std::optional<recipe::Recipe> begun(const recipe::Recipe& recipe) {
  const RunPaths run = run_paths(recipe);
  if (!holds_run(run) || !fs::exists(run.recipe()) || !fs::exists(run.tokenizer())) return {};
  recipe::Recipe record = recipe::load(run.recipe());
  if (record.model.from != recipe.model.from) return {};
  return record;
}

fs::path find_folder(const recipe::Recipe& recipe) {
  if (fs::exists(recipe.model.from)) return find_model_folder(recipe.model.from);
  throw Error(ErrorCode::kData, recipe.model.from + ": the folder of 'model.from' is not there",
              "give the folder of a model or of a finished run; a run that began with it under the "
              "same name goes on without it");
}

bool is_of_task(const NamedTensors::value_type& entry) { return entry.first.starts_with("task."); }

}  // namespace

recipe::Model start_model(const recipe::Recipe& written) {
  if (const auto record = begun(written)) return record->model;
  return fresh_start_model(written);
}

recipe::Model fresh_start_model(const recipe::Recipe& written) {
  const recipe::Recipe found = checkpoint::describe_model_folder(find_folder(written)).recipe;
  recipe::Model model = found.model;
  // A table that was learned has its own length, whatever that of the sequences to come.
  const bool learned = model.positions == recipe::Positions::kLearned;
  model.max_positions = learned ? std::max(model.max_positions, found.sequence.length) : 0;
  return model;
}

std::shared_ptr<const tokenizer::Tokenizer> start_tokenizer(const recipe::Recipe& recipe) {
  if (begun(recipe)) return tokenizer::load_tokenizer(run_paths(recipe).tokenizer(), {});
  return checkpoint::describe_model_folder(find_folder(recipe)).tokenizer;
}

void keep_start_tokenizer(const recipe::Recipe& recipe, const tokenizer::Tokenizer& tokenizer) {
  replace_folder_atomic(run_paths(recipe).tokenizer(),
                        [&](const fs::path& fresh) { tokenizer.save(fresh); });
}

std::optional<checkpoint::ModelFolder> find_start(const recipe::Recipe& recipe,
                                                  const OpenOptions& options) {
  const std::string& from = recipe.model.from;
  if (from.empty() || (!options.fresh && begun(recipe))) return std::nullopt;
  const fs::path folder = find_folder(recipe);
  if (options.fresh && lies_within(folder, run_paths(recipe).root)) {
    throw Error(ErrorCode::kUsage, from + ": is in the run that --fresh would set aside",
                "give this run another name=");
  }
  checkpoint::ModelFolder start = checkpoint::read_model_folder(folder);
  checkpoint::leave_task_out(start, from);
  check_whole(start, from);
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
