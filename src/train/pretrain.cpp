#include "cram/train/pretrain.h"

#include <nlohmann/json.hpp>

#include <ATen/Parallel.h>
#include <torch/headeronly/version.h>

#include "cram/base/interrupt.h"
#include "cram/base/log.h"
#include "cram/checkpoint/model_folder.h"
#include "cram/text/sources.h"
#include "cram/train/build_info.h"
#include "cram/train/card_facts.h"
#include "cram/train/setup.h"
#include "cram/train/start.h"
#include "cram/train/state_codec.h"

namespace cram::train {
namespace {

using Json = nlohmann::ordered_json;

// What the arithmetic depends on beside the recipe: equal environments give equal bytes.
Json environment(const Engine& engine, const Data& data) {
  Json facts{{"corpus", data.corpus->key()},
             {"tokenizer", data.prepared.tokenizer->fingerprint()},
             {"device", engine.device.name},
             {"precision", c10::toString(engine.precision.type)},
             {"threads", at::get_num_threads()},
             {"micro_batch", engine.micro_batch},
             {"torch", TORCH_VERSION}};
  const std::string kernels = engine.kernels.summary();
  if (!kernels.empty()) facts["kernels"] = kernels;
  return facts;
}

// What the saved run computed in, where that was on the same device.
std::optional<c10::ScalarType> precision_of(const checkpoint::TrainingState& state,
                                            const DeviceChoice& device) {
  const std::string environment = decode_scalars(state.scalars).environment;
  const auto was = [&](const char* key, const std::string& value) {
    return environment_value(environment, key) == Json(value).dump();
  };
  if (!was("device", device.name)) return std::nullopt;
  for (const c10::ScalarType type : {c10::kFloat, c10::kBFloat16, c10::kHalf}) {
    if (was("precision", c10::toString(type))) return type;
  }
  return std::nullopt;
}

void announce(const recipe::Recipe& recipe, const Engine& engine, const Data& data,
              report::EventSink& events) {
  Json details = environment(engine, data);
  details["parameters"] = model::count_parameters(recipe.model, engine.shape).total;
  details["training_tokens"] =
      data.corpus->sequences(corpus::Split::kTraining) * recipe.sequence.length;
  details["gemm_flops"] = engine.precision.gemm_flops;
  if (engine.device.device.is_cuda()) details["passes"] = to_text(engine.graph_trial);
  if (!recipe.model.from.empty()) details["start"] = checkpoint::pretrained_start(recipe);
  // A path need not be UTF-8.
  events.record(
      report::Note{"started", details.dump(-1, ' ', false, Json::error_handler_t::replace)});
}

// Takes the weights, whose memory is free afterwards.
void begin(std::optional<checkpoint::ModelFolder> start, const recipe::Recipe& recipe,
           const Data& data, const Engine& engine) {
  if (!start) return;
  load_start(*start, recipe, *engine.model);
  keep_start_tokenizer(recipe, *data.prepared.tokenizer);
}

Outcome run(Trainer& trainer, report::EventSink& events) {
  try {
    return trainer.run();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kDiverged) {
      events.record(report::Note{"diverged", Json{{"error", error.what()}}.dump()});
    }
    throw;
  }
}

// The model is there: a page that cannot be written does not make the run a failure.
void write_report(const RunPaths& paths) {
  try {
    report::write_html_report(paths.root);
  } catch (const Error& error) {
    log::warning(error.what());
  }
}

bool exports_average(const recipe::Recipe& recipe) {
  return recipe.averaging.exported == recipe::ExportedWeights::kAverage;
}

// Of the weights that the model folder gets.
const Score& exported_score(const recipe::Recipe& recipe, const Outcome& outcome) {
  return exports_average(recipe) ? outcome.average.value() : outcome.score.value();
}

checkpoint::Facts card_facts(const recipe::Recipe& recipe, const std::string& environment,
                             const Outcome& outcome) {
  checkpoint::Facts facts = checkpoint::recipe_facts(recipe);
  add_training_facts(facts, outcome.position, environment);
  add_score(facts, exported_score(recipe, outcome));
  return facts;
}

void write_model(const std::filesystem::path& folder, const recipe::Recipe& recipe,
                 const Engine& engine, const Data& data, const Outcome& outcome) {
  std::optional<optim::WeightAverage::Placed> placed;
  if (exports_average(recipe)) placed.emplace(*engine.average);
  checkpoint::write_model_folder(folder, recipe, engine.model->weights(), *data.prepared.tokenizer,
                                 card_facts(recipe, environment(engine, data).dump(), outcome));
}

void record_end(const recipe::Recipe& recipe, const Outcome& outcome, report::EventSink& events) {
  if (outcome.signal != 0) {
    events.record(report::Note{"interrupted", Json{{"signal", outcome.signal}}.dump()});
    return;
  }
  const Score& score = exported_score(recipe, outcome);
  events.record(report::Note{"finished", Json{{"step", outcome.position.step},
                                              {"tokens", outcome.position.tokens},
                                              {"seconds", outcome.position.spent.count()},
                                              {"held_out_loss", score.loss},
                                              {"held_out_accuracy", score.accuracy}}
                                             .dump()});
}

}  // namespace

PretrainResult pretrain(const recipe::Recipe& recipe, const OpenOptions& options) {
  // What cannot be used shows before an old run is set aside and before hours of preparing.
  auto start = find_start(recipe, options);
  const DeviceChoice device = choose_device(recipe.device);
  (void)text::find_sources(recipe.data.sources);
  const RunFolder folder(recipe, options);
  const RunPaths& paths = folder.paths();
  const auto text = prepare_options(recipe, start ? start->tokenizer : nullptr);
  const Data data = open_data(recipe, corpus::prepare(text));
  checkpoint::Store store(paths.checkpoints(), recipe.checkpoint.keep);
  const auto state = store.load_latest();
  const Engine engine = set_up_engine(recipe, data.corpus->vocab_size(),
                                      state ? precision_of(*state, device) : std::nullopt);
  begin(std::move(start), recipe, data, engine);
  write_file_atomic(paths.build(), build_info_json());
  const auto events = open_events(recipe.logging, paths.events(), paths.tensorboard());
  const MonotonicClock clock;
  Trainer trainer({recipe, *engine.model, *engine.optimizer, engine.average.get(), *data.training,
                   *data.held_out, store, *events, clock, environment(engine, data).dump(),
                   engine.precision.gemm_flops, engine.capture},
                  engine.micro_batch);
  if (state) trainer.restore(*state);
  if (std::filesystem::exists(paths.model()) && (!state || trainer.finished())) {
    log::info("this run has finished already; --fresh sets it aside and starts over");
    return {{0, trainer.position(), std::nullopt, std::nullopt}, paths};
  }
  announce(recipe, engine, data, *events);
  if (state) events->record(report::Note{"resumed", Json{{"step", state->step}}.dump()});
  interrupt::throw_if_stopped();
  PretrainResult result{run(trainer, *events), paths};
  const bool complete = result.outcome.signal == 0;
  if (complete) write_model(paths.model(), recipe, engine, data, result.outcome);
  record_end(recipe, result.outcome, *events);
  if (complete) write_report(paths);
  return result;
}

}  // namespace cram::train
