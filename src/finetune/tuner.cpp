#include "cram/finetune/tuner.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <ATen/Context.h>
#include <ATen/core/Generator.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"
#include "cram/base/log.h"
#include "cram/base/random.h"
#include "cram/checkpoint/restore.h"
#include "cram/finetune/objective.h"
#include "cram/optim/schedule.h"
#include "cram/recipe/load.h"
#include "cram/train/device.h"
#include "cram/train/out_of_memory.h"
#include "cram/train/state_codec.h"

namespace cram::finetune {
namespace {

// Masks of dropout are a function of the seed and the place in the run.
void seed_dropout(std::uint64_t seed, std::int64_t example) {
  Random random(seed, RandomStream::kDropout, static_cast<std::uint64_t>(example));
  at::manual_seed(random.bits64());
}

std::int64_t round_up_division(std::int64_t value, std::int64_t by) {
  return (value + by - 1) / by;
}

// The recipe's schedule with a warm-up in updates as the share of all that it is: more than all of
// them where the task is small, as in the reference code of the Cramming paper.
recipe::Schedule schedule_for(const recipe::Recipe& recipe, std::int64_t total_updates) {
  recipe::Schedule schedule = recipe.schedule;
  if (recipe.finetune.warmup_updates) {
    schedule.warmup = static_cast<double>(*recipe.finetune.warmup_updates) /
                      static_cast<double>(std::max<std::int64_t>(1, total_updates));
  }
  return schedule;
}

}  // namespace

Tuner::Tuner(const TunerParts& parts)
    : parts_(parts),
      epochs_(parts.recipe.finetune.epochs),
      updates_per_epoch_(round_up_division(static_cast<std::int64_t>(parts.inputs.size()),
                                           parts.recipe.batch.size)),
      schedule_(schedule_for(parts.recipe, total_updates())),
      loss_scale_(parts.recipe.precision, parts.model.placement().compute_type,
                  parts.model.placement().device),
      timer_(parts.clock, Seconds(0)),
      micro_batch_(std::min(parts.recipe.batch.size,
                            parts.recipe.batch.micro_batch.value_or(parts.recipe.batch.size))) {}

void Tuner::restore(const checkpoint::TrainingState& state) {
  const train::SavedScalars scalars = train::decode_scalars(state.scalars);
  const std::string where = "checkpoint of step " + std::to_string(state.step);
  checkpoint::restore(state.weights, checkpoint::masters(parts_.model.weights()), where);
  checkpoint::restore(loss_scale_.fit(state.optimizer),
                      train::joint_state(parts_.optimizer, loss_scale_), where);
  ops::refresh_compute_copies(parts_.model.weights());
  train::warn_of_other_environment(scalars.environment, parts_.environment);
  position_ = scalars.position;
  skipped_updates_ = scalars.skipped_updates;
  saved_step_ = state.step;
  timer_ = train::TrainingTimer(parts_.clock, position_.spent);
}

int Tuner::run(const std::function<void(std::int64_t)>& after_epoch) {
  last_save_ = position_.spent;
  do {
    if (position_.step < total_updates()) run_epoch();
    if (interrupt::stop_signal() == 0) finish_epoch(after_epoch);
    if (interrupt::stop_signal() != 0) {
      save();
      return interrupt::stop_signal();
    }
  } while (position_.step < total_updates());
  return 0;
}

// Whatever goes wrong there, the epoch is worth keeping.
void Tuner::finish_epoch(const std::function<void(std::int64_t)>& after_epoch) {
  try {
    after_epoch(position_.step / updates_per_epoch_);
  } catch (const Interrupted&) {
  } catch (...) {
    save_if_possible();
    throw;
  }
}

// The rest of the epoch that the position is in.
void Tuner::run_epoch() {
  timer_.start();
  open_window();
  const std::int64_t epoch = position_.step / updates_per_epoch_;
  const std::vector<Rows> plan =
      plan_epoch(parts_.inputs, parts_.recipe.batch.size, parts_.seed, epoch);
  for (auto i = position_.step % updates_per_epoch_; i < updates_per_epoch_; ++i) {
    if (interrupt::stop_signal() != 0) break;
    run_update(plan[static_cast<std::size_t>(i)]);
    if (position_.spent - window_.start >= parts_.recipe.logging.every) record_progress();
    const bool due = position_.spent - last_save_ >= parts_.recipe.checkpoint.every;
    if (interrupt::take_save_request() || due) save_if_possible();
  }
  timer_.pause();
  log::progress("");
  record_rest();
}

void Tuner::run_update(const Rows& rows) {
  accumulate_fitting(rows);
  const double share = static_cast<double>(position_.step) / static_cast<double>(total_updates());
  last_factor_ = optim::learning_rate_factor(schedule_, share);
  const optim::StepOutput result =
      parts_.optimizer.step({last_factor_, 1.0, loss_scale_.value(), share});
  loss_scale_.update(result.skipped);
  after_update(rows, result);
}

// Gradients of a batch, in smaller passes from when on memory does not suffice.
void Tuner::accumulate_fitting(const Rows& rows) {
  for (;;) {
    std::string shortage;
    try {
      return accumulate(rows);
    } catch (const std::exception& error) {
      if (!train::is_out_of_memory(error)) throw;
      shortage = train::first_line(error);
    }
    ops::zero_gradients(parts_.model.weights());
    if (micro_batch_ == 1) {
      throw Error(ErrorCode::kOutOfMemory,
                  "out of memory with one example a pass, at update " +
                      std::to_string(position_.step) + ": " + shortage,
                  train::what_needs_less_memory(
                      "a smaller finetune.max_length or a device with more memory",
                      parts_.model.placement()));
    }
    micro_batch_ /= 2;
    // What LibTorch's allocator keeps cuBLAS and cuDNN cannot allocate.
    train::forget_memory(parts_.model.placement().device);
    log::warning("out of memory: going on with " + std::to_string(micro_batch_) +
                 " examples a pass, same batch (" + shortage + ")");
  }
}

// In passes of at most a micro-batch, each by its share of what the loss is a mean over.
void Tuner::accumulate(const Rows& rows) {
  std::vector<TaskBatch> passes;
  std::int64_t weight = 0, tokens = 0;
  for (std::size_t begin = 0; begin < rows.size();
       begin += static_cast<std::size_t>(micro_batch_)) {
    const std::size_t size = std::min(static_cast<std::size_t>(micro_batch_), rows.size() - begin);
    passes.push_back(make_batch(parts_.inputs, std::span(rows).subspan(begin, size), parts_.problem,
                                parts_.segments, parts_.model.placement().device));
    weight += passes.back().weight;
    tokens += passes.back().tokens;
  }
  seed_dropout(parts_.seed, position_.sequences);
  at::Tensor sum = at::zeros_like(window_.loss);
  for (const TaskBatch& pass : passes) {
    const at::Tensor logits = parts_.model.logits(pass.input, model::Mode::kTraining);
    const double share =
        static_cast<double>(pass.weight) / static_cast<double>(std::max<std::int64_t>(1, weight));
    const at::Tensor loss = task_loss(logits, pass, parts_.problem).mul(share);
    loss_scale_.scaled(loss).backward();
    sum.add_(loss.detach());
  }
  window_.loss.add_(sum);
  window_.tokens += tokens;
  position_.tokens += tokens;
}

void Tuner::after_update(const Rows& rows, const optim::StepOutput& result) {
  // The norm of a skipped update is not finite.
  window_.gradient_norm.add_(result.gradient_norm.nan_to_num(0.0, 0.0, 0.0));
  window_.skipped.add_(result.skipped);
  window_.updates += 1;
  position_.step += 1;
  position_.sequences += static_cast<std::int64_t>(rows.size());
  position_.spent = timer_.spent();
}

void Tuner::open_window() {
  const auto options = at::TensorOptions(at::kFloat).device(parts_.model.placement().device);
  window_ = {at::zeros({}, options), at::zeros({}, options), at::zeros({}, options), 0, 0,
             position_.spent};
}

void Tuner::record_progress() {
  const auto updates = static_cast<double>(std::max<std::int64_t>(1, window_.updates));
  const double loss = window_.loss.item<double>() / updates;
  const double skipped = window_.skipped.item<double>();
  skipped_updates_ += std::llround(skipped);
  const double seconds = std::max(1e-9, (position_.spent - window_.start).count());
  const double share = static_cast<double>(position_.step) / static_cast<double>(total_updates());
  parts_.events.record(report::Progress{
      .step = position_.step,
      .tokens = position_.tokens,
      .seconds = position_.spent.count(),
      .budget_share = share,
      .seconds_left = share > 0 ? position_.spent.count() * (1 - share) / share : 0,
      .loss = loss,
      .learning_rate = last_factor_ * parts_.recipe.optimizer.learning_rate,
      .gradient_norm = window_.gradient_norm.item<double>() / std::max(1.0, updates - skipped),
      .masking_rate = 0,
      .batch_size = parts_.recipe.batch.size,
      .tokens_per_second = static_cast<double>(window_.tokens) / seconds,
      .gemm_share = 0,
      .skipped_updates = skipped_updates_});
  if (!std::isfinite(loss)) {
    throw Error(ErrorCode::kDiverged,
                "the loss is not finite any more, at update " + std::to_string(position_.step),
                "start over (--fresh) with a lower optimizer.learning_rate");
  }
  open_window();
}

// What came since the last record. Throws before a diverged model is saved.
void Tuner::record_rest() {
  if (window_.updates > 0) record_progress();
}

void Tuner::save() {
  if (saved_step_ == position_.step) return;
  checkpoint::TrainingState state;
  state.step = position_.step;
  state.weights = checkpoint::masters(parts_.model.weights());
  state.optimizer = train::joint_state(parts_.optimizer, loss_scale_);
  state.scalars = train::encode_scalars({position_, -1, skipped_updates_, parts_.environment});
  state.recipe = recipe::to_yaml(parts_.recipe);
  parts_.store.save(state);
  saved_step_ = state.step;
  last_save_ = position_.spent;
  parts_.events.record(report::Note{"checkpoint", "{\"step\":" + std::to_string(state.step) + "}"});
}

void Tuner::save_if_possible() {
  record_rest();
  try {
    save();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kStorage) throw;
    last_save_ = position_.spent;
    log::warning(std::string(error.what()) + "; training goes on, the next interval tries again");
  }
}

}  // namespace cram::finetune
