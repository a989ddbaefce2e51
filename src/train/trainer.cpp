#include "cram/train/trainer.h"

#include <algorithm>
#include <cmath>

#include <ATen/Context.h>
#include <ATen/core/Generator.h>
#include <ATen/ops/zeros.h>
#include <c10/util/Exception.h>

#include "cram/base/interrupt.h"
#include "cram/base/log.h"
#include "cram/base/random.h"
#include "cram/base/units.h"
#include "cram/checkpoint/restore.h"
#include "cram/model/dropout.h"
#include "cram/optim/schedule.h"
#include "cram/recipe/load.h"
#include "cram/train/device.h"
#include "cram/train/out_of_memory.h"
#include "cram/train/state_codec.h"

namespace cram::train {
namespace {

// Dropout masks are a function of the seed and the place in the training stream, like everything
// random: nothing of them needs to be saved.
void seed_dropout(const recipe::Recipe& recipe, std::int64_t first_sequence) {
  if (!model::has_dropout(recipe.model)) return;
  Random random(recipe.seed, RandomStream::kDropout, static_cast<std::uint64_t>(first_sequence));
  at::manual_seed(random.bits64());
}

}  // namespace

Trainer::Trainer(const TrainerParts& parts, std::int64_t micro_batch)
    : parts_(parts),
      micro_batch_(micro_batch),
      meter_(parts.recipe.budget),
      loss_scale_(parts.recipe.precision, parts.model.placement().compute_type,
                  parts.model.placement().device),
      pass_(parts.model, loss_scale_, parts.recipe.objective.z_loss, parts.capture),
      timer_(parts.clock, Seconds(0)) {}

void Trainer::restore(const checkpoint::TrainingState& state) {
  const SavedScalars scalars = decode_scalars(state.scalars);
  const std::string where = "checkpoint of step " + std::to_string(state.step);
  if (environment_value(scalars.environment, "tokenizer") !=
      environment_value(parts_.environment, "tokenizer")) {
    throw Error(ErrorCode::kData,
                where +
                    ": the run began with another tokenizer; the text that it was trained on, "
                    "or its file, has changed since",
                "bring the old text or file back, or start over with --fresh or another name=");
  }
  checkpoint::restore(state.weights, checkpoint::masters(parts_.model.weights()), where);
  checkpoint::restore(loss_scale_.fit(state.optimizer), tensor_state(), where);
  ops::refresh_compute_copies(parts_.model.weights());
  warn_of_other_environment(scalars.environment, parts_.environment);
  position_ = scalars.position;
  validated_share_ = scalars.validated_share;
  skipped_updates_ = scalars.skipped_updates;
  saved_step_ = state.step;
  timer_ = TrainingTimer(parts_.clock, position_.spent);
}

Outcome Trainer::run() {
  last_save_ = position_.spent;
  timer_.start();
  open_window();
  try {
    train();
  } catch (const Error& error) {
    // Where only the text fails, what was learned from it so far is worth keeping.
    if (error.code() == ErrorCode::kData) save();
    throw;
  }
  timer_.pause();
  log::progress("");
  record_rest();
  save();
  Outcome outcome{interrupt::stop_signal(), position_, std::nullopt, std::nullopt};
  if (outcome.signal == 0) {
    if (const auto scores = validate()) {
      outcome.score = scores->raw;
      outcome.average = scores->average;
    }
    outcome.signal = interrupt::stop_signal();
  }
  return outcome;
}

void Trainer::train() {
  while (!meter_.exhausted(position_) && interrupt::stop_signal() == 0) {
    try {
      BatchStream stream(parts_.recipe, parts_.training, parts_.model.placement().device,
                         micro_batch_, position_);
      if (position_.step == 0 && validation_is_due()) (void)validate();
      train_until_stopped(stream);
    } catch (const c10::Error& error) {
      if (!is_out_of_memory(error)) throw;
      make_room(first_line(error));
    }
  }
}

void Trainer::train_until_stopped(BatchStream& stream) {
  while (!meter_.exhausted(position_) && interrupt::stop_signal() == 0) {
    if (run_update(stream) == Update::kAbandoned) return;
    const bool last = meter_.exhausted(position_);
    if (position_.spent - window_.start >= parts_.recipe.logging.every) record_progress();
    if (!last && validation_is_due()) (void)validate();
    const bool due = position_.spent - last_save_ >= parts_.recipe.checkpoint.every;
    if (interrupt::take_save_request() || (due && !last)) save_if_possible();
  }
}

// When a share of the recipe has been passed since the last validation.
bool Trainer::validation_is_due() const {
  const double share = meter_.share(position_);
  const std::vector<double>& at = parts_.recipe.validation.at;
  return std::any_of(at.begin(), at.end(),
                     [&](double due) { return validated_share_ < due && due <= share; });
}

Trainer::Update Trainer::run_update(BatchStream& stream) {
  const UpdatePlan plan = stream.begin_update(position_);
  last_plan_ = plan;
  const double share = meter_.share(position_);
  last_factor_ = optim::learning_rate_factor(parts_.recipe.schedule, share);
  std::int64_t done = 0;
  if (accumulate(plan, stream, done) == Update::kAbandoned) return Update::kAbandoned;
  const optim::StepOutput result =
      parts_.optimizer.step({last_factor_, static_cast<double>(done), loss_scale_.value(), share});
  loss_scale_.update(result.skipped);
  after_update(plan, done * plan.micro_batch, result);
  return Update::kDone;
}

// Gradients of the plan's micro-batches, or of those that the time was enough for. A signal
// abandons the update: it is done again, whole, when the run goes on.
Trainer::Update Trainer::accumulate(const UpdatePlan& plan, BatchStream& stream,
                                    std::int64_t& done) {
  for (done = 0; done < plan.micro_batches; ++done) {
    if (interrupt::stop_signal() != 0) return Update::kAbandoned;
    Position now = position_;
    now.spent = timer_.spent();
    if (done > 0 && meter_.is_time() && meter_.exhausted(now)) break;
    const model::MaskedInput batch = stream.next();
    seed_dropout(parts_.recipe, plan.first_sequence + done * plan.micro_batch);
    window_.loss.add_(pass_.run(batch));
    ++window_.micro_batches;
  }
  return Update::kDone;
}

void Trainer::after_update(const UpdatePlan& plan, std::int64_t sequences,
                           const optim::StepOutput& result) {
  const recipe::Recipe& recipe = parts_.recipe;
  const std::int64_t tokens = sequences * recipe.sequence.length;
  const double share_before = meter_.share(position_);
  position_.step += 1;
  position_.sequences += sequences;
  position_.tokens += tokens;
  position_.spent = timer_.spent();
  if (parts_.average != nullptr) parts_.average->take(share_before, meter_.share(position_));
  // The norm of a skipped update is not finite.
  window_.gradient_norm.add_(result.gradient_norm.nan_to_num(0.0, 0.0, 0.0));
  window_.skipped.add_(result.skipped);
  window_.updates += 1;
  window_.tokens += tokens;
  const model::Shape shape{plan.length, parts_.training.corpus().vocab_size()};
  window_.flops += static_cast<double>(tokens) *
                   model::training_flops_per_token(recipe.model, shape, plan.masking_rate);
}

// For the update that broke off for want of memory, to be done again.
void Trainer::make_room(const std::string& shortage) {
  ops::zero_gradients(parts_.model.weights());
  if (pass_.give_graphs_up()) {
    log::warning("out of memory: going on without graphs of passes (" + shortage + ")");
  } else {
    shrink_micro_batch(shortage);
  }
  // What LibTorch's allocator keeps cuBLAS and cuDNN cannot allocate.
  forget_memory(parts_.model.placement().device);
}

void Trainer::shrink_micro_batch(const std::string& shortage) {
  if (micro_batch_ == 1) {
    throw Error(
        ErrorCode::kOutOfMemory,
        "out of memory with a micro-batch of one sequence, at step " +
            std::to_string(position_.step) + ": " + shortage,
        what_needs_less_memory("a smaller model, shorter sequences or a device with more memory",
                               parts_.model.placement()));
  }
  micro_batch_ /= 2;
  log::warning("out of memory: going on with a micro-batch of " + std::to_string(micro_batch_) +
               " sequences, same batch (" + shortage + ")");
}

void Trainer::open_window() {
  const auto options = at::TensorOptions(at::kFloat).device(parts_.model.placement().device);
  window_ = {at::zeros({}, options), at::zeros({}, options), at::zeros({}, options), 0, 0, 0, 0,
             timer_.spent()};
}

void Trainer::record_progress() {
  const auto passes = static_cast<double>(std::max<std::int64_t>(1, window_.micro_batches));
  const double loss = window_.loss.item<double>() / passes;
  const double skipped = window_.skipped.item<double>();
  skipped_updates_ += std::llround(skipped);
  const double moves = std::max(1.0, static_cast<double>(window_.updates) - skipped);
  const double seconds = std::max(1e-9, (position_.spent - window_.start).count());
  const recipe::Optimizer& optimizer = parts_.recipe.optimizer;
  parts_.events.record(report::Progress{
      .step = position_.step,
      .tokens = position_.tokens,
      .seconds = position_.spent.count(),
      .budget_share = meter_.share(position_),
      .seconds_left = meter_.left(position_).count(),
      .loss = loss,
      .learning_rate = last_factor_ * optimizer.learning_rate,
      .gradient_norm = window_.gradient_norm.item<double>() / moves,
      .masking_rate = last_plan_.masking_rate,
      .batch_size = last_plan_.sequences(),
      .tokens_per_second = static_cast<double>(window_.tokens) / seconds,
      .gemm_share = parts_.gemm_flops > 0 ? window_.flops / seconds / parts_.gemm_flops : 0,
      .skipped_updates = skipped_updates_});
  if (!std::isfinite(loss)) {
    throw Error(ErrorCode::kDiverged,
                "the loss is not finite any more, at step " + std::to_string(position_.step),
                "start over (--fresh) with a lower optimizer.learning_rate, or go on from the last "
                "checkpoint, which is from before, with --allow-change optimizer.learning_rate");
  }
  open_window();
}

// What came since the last record. Throws before a diverged model is saved.
void Trainer::record_rest() {
  if (window_.updates > 0) record_progress();
}

std::optional<Trainer::Scores> Trainer::validate() {
  timer_.pause();
  pass_.forget_graph();
  const recipe::Recipe& recipe = parts_.recipe;
  const corpus::Corpus& corpus = parts_.held_out.corpus();
  const std::int64_t wanted =
      std::max<std::int64_t>(1, recipe.validation.tokens / recipe.sequence.length);
  const ScoreOptions options{std::min(wanted, corpus.sequences(corpus::Split::kHeldOut)),
                             recipe.validation.masking_rate, micro_batch_};
  log::progress("validating on " + format_count(options.sequences * recipe.sequence.length) +
                " held-out tokens");
  const std::optional<Scores> result = measure(options);
  if (result) {
    validated_share_ = meter_.share(position_);
    report::Validation validation{.step = position_.step,
                                  .tokens = position_.tokens,
                                  .seconds = position_.spent.count(),
                                  .budget_share = validated_share_,
                                  .loss = result->raw.loss,
                                  .accuracy = result->raw.accuracy,
                                  .masked_tokens = result->raw.masked_tokens};
    if (result->average) {
      validation.average_loss = result->average->loss;
      validation.average_accuracy = result->average->accuracy;
    }
    parts_.events.record(validation);
  }
  timer_.start();
  return result;
}

std::optional<Trainer::Scores> Trainer::measure(const ScoreOptions& options) {
  const std::optional<Score> raw = score(parts_.model, parts_.held_out, options);
  if (!raw) return std::nullopt;
  if (parts_.average == nullptr || parts_.average->empty()) return Scores{*raw, std::nullopt};
  const optim::WeightAverage::Placed placed(*parts_.average);
  const std::optional<Score> average = score(parts_.model, parts_.held_out, options);
  if (!average) return std::nullopt;
  return Scores{*raw, average};
}

checkpoint::NamedTensors Trainer::tensor_state() const {
  checkpoint::NamedTensors state = joint_state(parts_.optimizer, loss_scale_);
  if (parts_.average == nullptr) return state;
  for (auto& entry : parts_.average->state()) state.push_back(std::move(entry));
  return state;
}

void Trainer::save() {
  if (saved_step_ == position_.step) return;
  checkpoint::TrainingState state;
  state.step = position_.step;
  state.weights = checkpoint::masters(parts_.model.weights());
  state.optimizer = tensor_state();
  state.scalars =
      encode_scalars({position_, validated_share_, skipped_updates_, parts_.environment});
  state.recipe = recipe::to_yaml(parts_.recipe);
  parts_.store.save(state);
  saved_step_ = position_.step;
  last_save_ = timer_.spent();
  parts_.events.record(report::Note{"checkpoint", "{\"step\":" + std::to_string(state.step) + "}"});
}

void Trainer::save_if_possible() {
  record_rest();
  try {
    save();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kStorage) throw;
    last_save_ = timer_.spent();
    log::warning(std::string(error.what()) + "; training goes on, the next interval tries again");
  }
}

}  // namespace cram::train
