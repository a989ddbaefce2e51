#include "cram/train/dry_run.h"

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cram/base/clock.h"
#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/interrupt.h"
#include "cram/base/units.h"
#include "cram/corpus/sequence_order.h"
#include "cram/train/batch_stream.h"
#include "cram/train/profile.h"
#include "cram/train/run_folder.h"
#include "cram/train/setup.h"
#include "cram/train/start.h"
#include "cram/train/training_pass.h"

namespace cram::train {
namespace {

// The first passes warm caches and allocators up; then at least this long is measured.
constexpr int kWarmUpPasses = 2;
constexpr Seconds kMeasured{3};

std::int64_t state_bytes(const Engine& engine) {
  std::size_t bytes = 0;
  for (const ops::WeightPtr& weight : engine.model->weights()) bytes += weight->master.nbytes();
  for (const auto& [name, tensor] : engine.optimizer->state()) bytes += tensor.nbytes();
  if (engine.average) {
    for (const auto& [name, tensor] : engine.average->state()) bytes += tensor.nbytes();
  }
  return static_cast<std::int64_t>(bytes);
}

// Passes over one micro-batch of random tokens.
class RandomPasses {
 public:
  RandomPasses(const Engine& engine, const recipe::Recipe& recipe)
      : unscaled_(recipe.precision, at::kFloat, engine.device.device),
        batch_(synthetic_batch(engine, recipe, engine.micro_batch)),
        pass_(*engine.model, unscaled_, recipe.objective.z_loss, engine.capture),
        warm_up_(engine.capture ? TrainingPass::kPassesBeforeCapture + 1 : kWarmUpPasses) {}

  // Reading the loss makes the device finish.
  double run() {
    interrupt::throw_if_stopped();
    return pass_.run(batch_).item<double>();
  }

  // The loss of the first pass.
  double warm_up() {
    const double loss = run();
    for (int i = 1; i < warm_up_; ++i) (void)run();
    return loss;
  }

 private:
  LossScale unscaled_;
  model::MaskedInput batch_;
  TrainingPass pass_;
  int warm_up_;
};

void run_step(const Engine& engine) {
  const at::Tensor norm = engine.optimizer->step({}).gradient_norm;
  if (engine.average) engine.average->take(0, 1);
  (void)norm.item<float>();
}

// As a validation does, so that what it takes is part of the measured memory.
void place_average(const Engine& engine) {
  if (engine.average) const optim::WeightAverage::Placed placed(*engine.average);
}

// Seconds of one pass and of one optimizer step.
struct Pace {
  double pass, step;
};

Pace measure(const Engine& engine, const recipe::Recipe& recipe, double& first_loss) {
  const MonotonicClock clock;
  RandomPasses passes(engine, recipe);
  first_loss = passes.warm_up();
  run_step(engine);
  const Seconds start = clock.now();
  int count = 0;
  for (; count == 0 || clock.now() - start < kMeasured; ++count) (void)passes.run();
  const Seconds middle = clock.now();
  run_step(engine);
  const Seconds end = clock.now();
  place_average(engine);
  return {(middle - start).count() / count, (end - middle).count()};
}

// One update, of as many passes as the batch takes, but at most a few.
void profile_engine(const recipe::Recipe& recipe, const Engine& engine,
                    const std::filesystem::path& trace, DryRunReport& report) {
  constexpr std::int64_t kMostPasses = 8;
  constexpr std::size_t kRows = 25;
  RandomPasses passes(engine, recipe);
  if (engine.capture) (void)passes.warm_up();
  const std::int64_t count =
      std::min(kMostPasses, std::max<std::int64_t>(1, recipe.batch.size / engine.micro_batch));
  const auto rows = profile(
      [&] {
        for (std::int64_t i = 0; i < count; ++i) (void)passes.run();
        run_step(engine);
      },
      engine.device.device, trace);
  report.profile = to_text(rows, kRows);
}

// What is known of the data without preparing it.
std::int64_t look_up_data(const recipe::Recipe& recipe, const corpus::PrepareOptions& text,
                          DryRunReport& report) {
  const corpus::Prepared prepared = corpus::find_prepared(text);
  report.prepared = !prepared.corpus_folder.empty();
  if (report.prepared) {
    const corpus::Corpus corpus(prepared.corpus_folder);
    std::int64_t sequences = corpus.sequences(corpus::Split::kTraining);
    if (!prepared.order_folder.empty()) {  // an epoch is of some sequences, or of some twice
      sequences =
          static_cast<std::int64_t>(corpus::SequenceList(prepared.order_folder, sequences).size());
    }
    report.training_tokens = sequences * recipe.sequence.length;
    report.held_out_tokens = corpus.sequences(corpus::Split::kHeldOut) * recipe.sequence.length;
  }
  return prepared.tokenizer ? prepared.tokenizer->vocab_size() : recipe.tokenizer.vocab_size;
}

void measure_engine(const recipe::Recipe& recipe, const Engine& engine, DryRunReport& report) {
  const Pace pace = measure(engine, recipe, report.first_loss);
  if (!std::isfinite(report.first_loss)) {
    throw Error(ErrorCode::kDiverged, "the loss of the first batch is not finite",
                "check model.init_std and precision.compute");
  }
  const double passes =
      std::ceil(static_cast<double>(recipe.batch.size) / static_cast<double>(engine.micro_batch));
  report.device = engine.device.name;
  report.precision = c10::toString(engine.precision.type);
  if (engine.device.device.is_cuda()) report.passes = to_text(engine.graph_trial);
  report.attention_kernel = ops::name(engine.model->attention_kernel());
  report.parameters = model::count_parameters(recipe.model, engine.shape).total;
  report.flops_per_token =
      model::training_flops_per_token(recipe.model, engine.shape, recipe.objective.masking_rate);
  report.vocab_size = engine.shape.vocab_size;
  report.micro_batch = engine.micro_batch;
  report.batch_size = recipe.batch.size;
  report.memory_bytes = peak_memory_bytes(engine.device.device);
  report.tokens_per_second = static_cast<double>(recipe.batch.size * recipe.sequence.length) /
                             (passes * pace.pass + pace.step);
  report.gemm_share =
      report.tokens_per_second * report.flops_per_token / engine.precision.gemm_flops;
}

std::int64_t folder_bytes(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder)) return 0;
  std::int64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += static_cast<std::int64_t>(entry.file_size());
  }
  return bytes;
}

void check_disk(const recipe::Recipe& recipe, const Engine& engine, DryRunReport& report) {
  report.checkpoint_bytes = state_bytes(engine);
  // One more than is kept exists while a new one is written.
  report.checkpoints_bytes = report.checkpoint_bytes * (recipe.checkpoint.keep + 1);
  report.free_disk_bytes = static_cast<std::int64_t>(free_disk_bytes(report.run_folder));
  // Those of a run that goes on make room for new ones.
  const std::int64_t there = folder_bytes(run_paths(recipe).checkpoints());
  if (report.free_disk_bytes + there >= report.checkpoints_bytes) return;
  throw Error(ErrorCode::kStorage,
              report.run_folder + ": the checkpoints need " +
                  format_bytes(report.checkpoints_bytes) + ", the disk has " +
                  format_bytes(report.free_disk_bytes),
              "free some space, set runs_folder= to another disk, or lower checkpoint.keep");
}

void expect_budget(const recipe::Recipe& recipe, DryRunReport& report) {
  const double tokens_per_update = static_cast<double>(recipe.batch.size * recipe.sequence.length);
  if (recipe.budget.time) {
    report.budget_seconds = recipe.budget.time->count();
    report.budget_tokens = report.budget_seconds * report.tokens_per_second;
    return;
  }
  report.budget_tokens = recipe.budget.tokens
                             ? static_cast<double>(*recipe.budget.tokens)
                             : static_cast<double>(recipe.budget.steps.value()) * tokens_per_update;
  report.budget_seconds = report.budget_tokens / report.tokens_per_second;
}

std::string text_size(const DryRunReport& report, std::int64_t tokens) {
  return report.prepared ? format_short(static_cast<double>(tokens)) + " tokens"
                         : "not prepared yet (cram prepare, or the first run, does it)";
}

}  // namespace

DryRunReport dry_run(const recipe::Recipe& recipe, const OpenOptions& options,
                     const std::filesystem::path& trace) {
  check_run_folder(recipe, options);
  DryRunReport report;
  report.run_folder = run_paths(recipe).root;
  const auto start = find_start(recipe, options);
  const auto text = prepare_options(recipe, start ? start->tokenizer : nullptr);
  const Engine engine = set_up_engine(recipe, look_up_data(recipe, text, report));
  if (start) load_start(*start, recipe, *engine.model);
  check_disk(recipe, engine, report);
  measure_engine(recipe, engine, report);
  if (!trace.empty()) profile_engine(recipe, engine, trace, report);
  expect_budget(recipe, report);
  return report;
}

std::string to_text(const DryRunReport& report) {
  const auto line = [](const std::string& name, const std::string& value) {
    return name + std::string(20 - name.size(), ' ') + value + "\n";
  };
  return line("run folder", report.run_folder) + line("device", report.device) +
         line("precision", report.precision) + line("attention", report.attention_kernel) +
         (report.passes.empty() ? "" : line("passes", report.passes)) +
         line("parameters", format_count(report.parameters)) +
         line("FLOP per token", format_short(report.flops_per_token)) +
         line("vocabulary", format_count(report.vocab_size)) +
         line("training text", text_size(report, report.training_tokens)) +
         line("held-out text", text_size(report, report.held_out_tokens)) +
         line("batch", format_count(report.batch_size) + " sequences, " +
                           format_count(report.micro_batch) + " a pass") +
         line("memory", format_bytes(report.memory_bytes)) +
         line("checkpoints", format_bytes(report.checkpoints_bytes) + " of " +
                                 format_bytes(report.free_disk_bytes) + " free") +
         line("speed", format_short(report.tokens_per_second) + " tokens/s, " +
                           std::to_string(std::lround(100 * report.gemm_share)) +
                           " % of the device's matrix-multiply speed") +
         line("the budget sees", format_short(report.budget_tokens) + " tokens in " +
                                     format_clock(Seconds(report.budget_seconds))) +
         (report.profile.empty() ? "" : "\n" + report.profile);
}

std::string to_json(const DryRunReport& report) {
  return nlohmann::ordered_json{{"run_folder", report.run_folder},
                                {"device", report.device},
                                {"precision", report.precision},
                                {"attention_kernel", report.attention_kernel},
                                {"passes", report.passes},
                                {"parameters", report.parameters},
                                {"flops_per_token", report.flops_per_token},
                                {"vocab_size", report.vocab_size},
                                {"prepared", report.prepared},
                                {"training_tokens", report.training_tokens},
                                {"held_out_tokens", report.held_out_tokens},
                                {"batch_size", report.batch_size},
                                {"micro_batch", report.micro_batch},
                                {"memory_bytes", report.memory_bytes},
                                {"checkpoint_bytes", report.checkpoint_bytes},
                                {"checkpoints_bytes", report.checkpoints_bytes},
                                {"free_disk_bytes", report.free_disk_bytes},
                                {"tokens_per_second", report.tokens_per_second},
                                {"gemm_share", report.gemm_share},
                                {"first_loss", report.first_loss},
                                {"budget_tokens", report.budget_tokens},
                                {"budget_seconds", report.budget_seconds}}
      .dump();
}

}  // namespace cram::train
