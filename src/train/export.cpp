#include "cram/train/export.h"

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/units.h"
#include "cram/checkpoint/companions.h"
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

Error belongs_to_run(const fs::path& output, const fs::path& run) {
  return {ErrorCode::kUsage, output.string() + ": belongs to the run " + run.string(),
          "choose another folder"};
}

// Whatever is not surely a model that can be made again stays.
void check_replaceable(const fs::path& output) {
  const std::string name = output.string();
  if (!fs::is_directory(output)) {
    throw Error(ErrorCode::kUsage, name + ": is there already, and no folder");
  }
  if (fs::is_empty(output)) return;
  if (!checkpoint::holds_only_a_model(output)) {
    throw Error(ErrorCode::kUsage, name + ": holds something else than a model that cram wrote",
                "choose another folder, or empty this one");
  }
  if (const fs::path run = run_around(output); !run.empty()) throw belongs_to_run(output, run);
}

void check_output(const fs::path& source, const fs::path& output) {
  if (lies_within(source, output)) {
    throw Error(ErrorCode::kUsage, output.string() + ": holds the model itself",
                "choose another folder");
  }
  const fs::path parent = output.parent_path();
  if (output == RunPaths{parent}.model() && is_run(parent)) throw belongs_to_run(output, parent);
  if (fs::exists(output)) check_replaceable(output);
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
  auto state = checkpoint::load_latest(run.checkpoints());
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
  if (output.empty()) throw Error(ErrorCode::kUsage, "--output names no folder");
  // "out/", "out" and a link to it name the same folder.
  const fs::path target =
      fs::weakly_canonical(output.has_filename() ? output : output.parent_path());
  check_output(source, target);
  const checkpoint::Companions companions(source);
  if (target.has_parent_path()) make_folders(target.parent_path());
  const ModelCard card = write(target);
  companions.write(target);
  return card;
}

ModelCard export_model(const fs::path& source, const fs::path& output) {
  const RunPaths run{source};
  if (fs::exists(run.checkpoints()) && !fs::exists(run.model())) {
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
