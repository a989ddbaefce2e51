#include "cram/train/export.h"

#include <algorithm>
#include <array>
#include <optional>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/log.h"
#include "cram/base/same_files.h"
#include "cram/base/set_aside.h"
#include "cram/base/units.h"
#include "cram/checkpoint/companions.h"
#include "cram/checkpoint/mark.h"
#include "cram/checkpoint/model_folder.h"
#include "cram/checkpoint/restore.h"
#include "cram/checkpoint/store.h"
#include "cram/optim/weight_average.h"
#include "cram/recipe/load.h"
#include "cram/train/card_facts.h"
#include "cram/train/loaded_model.h"
#include "cram/train/run_folder.h"
#include "cram/train/setup.h"
#include "cram/train/state_codec.h"

namespace cram::train {
namespace {

namespace fs = std::filesystem;
using checkpoint::Facts;
using checkpoint::ModelCard;
using checkpoint::ModelFolder;

bool is_run(const fs::path& folder) {
  const RunPaths run{folder};
  return fs::exists(run.lock()) || (fs::exists(run.recipe()) && fs::exists(run.events()));
}

// The run that the folder is a part of; empty where it is of none.
fs::path run_around(const fs::path& folder) {
  for (fs::path parent = folder; parent.has_relative_path(); parent = parent.parent_path()) {
    if (is_run(parent)) return parent;
  }
  return {};
}

Error no_folder(const fs::path& output) {
  return {ErrorCode::kUsage, output.string() + ": is there already, and no folder"};
}

// A run takes what it finds in its places for its own. Within it only a new folder beside those may
// be written, and in a run of fine-tuning, whose tasks may have any name, none.
void check_apart_from_runs(const fs::path& output) {
  const RunPaths run{run_around(output)};
  if (run.root.empty()) return;
  const std::array own = {run.tensorboard(), run.checkpoints(), run.model(), run.tokenizer()};
  const bool is_new = output.parent_path() == run.root && holds_run(run) && !fs::exists(output) &&
                      std::find(own.begin(), own.end(), output) == own.end();
  if (is_new) return;
  throw Error(ErrorCode::kUsage, output.string() + ": belongs to the run " + run.root.string(),
              "choose another folder");
}

bool is_in_use(const fs::path& output) { return fs::exists(output) && !fs::is_empty(output); }

void check_output(const fs::path& source, const fs::path& output) {
  if (lies_within(source, output) || lies_within(output, source)) {
    throw Error(ErrorCode::kUsage, output.string() + ": holds the model itself, or is a part of it",
                "choose another folder");
  }
  if (fs::exists(output) && !fs::is_directory(output)) throw no_folder(output);
  check_apart_from_runs(output);
  if (!is_in_use(output) || checkpoint::is_marked(output)) return;
  throw Error(ErrorCode::kUsage, output.string() + ": holds something else than a model of cram's",
              "choose another folder, or empty this one");
}

// "out/", "out" and a link to it name the same folder.
fs::path target_of(const fs::path& output) {
  if (output.empty()) throw Error(ErrorCode::kUsage, "--output names no folder");
  fs::path path = fs::absolute(output);
  if (!path.has_filename()) path = path.parent_path();
  std::error_code unreachable;
  if (fs::is_symlink(path) && !fs::is_directory(path, unreachable)) throw no_folder(path);
  return fs::weakly_canonical(path);
}

// The tokenizer that an unfinished run trains with: it is in the cache of its data.
std::shared_ptr<const tokenizer::Tokenizer> find_tokenizer(const recipe::Recipe& recipe,
                                                           const std::string& environment) {
  auto tokenizer = corpus::find_prepared(prepare_options(recipe)).tokenizer;
  if (tokenizer &&
      environment_value(environment, "tokenizer") == std::to_string(tokenizer->fingerprint())) {
    return tokenizer;
  }
  throw Error(ErrorCode::kData,
              recipe.data.cache + ": the tokenizer of the run is not there any more",
              "`cram pretrain` with its recipe takes the run to its end");
}

// Makes the weights of a checkpoint those that the model folder would get.
void place_average(const recipe::Averaging& averaging, checkpoint::TrainingState& state) {
  if (averaging.exported != recipe::ExportedWeights::kAverage) return;
  ops::WeightList weights;
  for (const auto& [name, tensor] : state.weights) {
    weights.push_back(ops::make_weight(name, {}, tensor, at::kFloat));
  }
  const optim::WeightAverage average(averaging, weights);
  checkpoint::NamedTensors saved = state.optimizer;
  std::erase_if(saved, [](const auto& entry) {
    return !entry.first.starts_with(optim::WeightAverage::kPrefix);
  });
  checkpoint::restore(saved, average.state(), "checkpoint of step " + std::to_string(state.step));
  if (average.empty()) return;
  const optim::WeightAverage::Placed placed(average);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    state.weights[i].second = weights[i]->master.clone();
  }
}

struct Unfinished {
  ModelFolder model;
  Facts facts;
};

Unfinished read_unfinished(const RunPaths& run) {
  std::optional<checkpoint::TrainingState> state;
  if (fs::exists(run.checkpoints())) state = checkpoint::load_latest(run.checkpoints());
  if (!state) {
    throw Error(ErrorCode::kData, run.root.string() + ": the run has no checkpoint yet",
                "it saves one as often as checkpoint.every says, and when it is stopped");
  }
  Unfinished read;
  recipe::Recipe& recipe = read.model.recipe;
  recipe = recipe::parse(state->recipe, run.checkpoints().string());
  const SavedScalars scalars = decode_scalars(state->scalars);
  place_average(recipe.averaging, *state);
  read.model.weights = state->weights;
  read.model.tokenizer = find_tokenizer(recipe, scalars.environment);
  read.facts = checkpoint::recipe_facts(recipe);
  const double share = BudgetMeter(recipe.budget).share(scalars.position);
  read.facts.push_back({"budget spent", format_fixed(100 * share, 1) + " %"});
  add_training_facts(read.facts, scalars.position, scalars.environment);
  return read;
}

}  // namespace

ModelCard export_folder(const fs::path& source, const fs::path& output,
                        const std::function<ModelCard(const fs::path&)>& write) {
  const fs::path target = target_of(output);
  check_output(source, target);
  const checkpoint::Companions companions(source);
  make_folders(target.parent_path());
  ModelCard card;
  replace_folder_atomic(target, [&](const fs::path& fresh) {
    card = write(fresh);
    companions.write(fresh);
    // Somebody may have worked on the old one.
    if (!is_in_use(target) || same_files(fresh, target)) return;
    log::info(target.string() + ": the old folder is now " + set_aside(target).string());
  });
  return card;
}

ModelCard export_model(const fs::path& source, const fs::path& output) {
  const RunPaths run{source};
  if ((is_run(source) || fs::exists(run.checkpoints())) && !fs::exists(run.model())) {
    const Unfinished read = read_unfinished(run);
    check_whole(read.model, source.string());
    return export_folder(run.model(), output, [&](const fs::path& folder) {
      return checkpoint::write_model_folder(folder, read.model, read.facts);
    });
  }
  const fs::path folder = find_model_folder(source);
  ModelFolder model = checkpoint::read_model_folder(folder);
  checkpoint::leave_task_out(model, folder.string());
  check_whole(model, folder.string());
  return export_folder(folder, output, [&](const fs::path& target) {
    return checkpoint::write_model_folder(target, model, checkpoint::recipe_facts(model.recipe));
  });
}

}  // namespace cram::train
