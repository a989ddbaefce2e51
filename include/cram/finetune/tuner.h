// The loop of fine-tuning: epochs over labelled inputs, from any saved position.
#pragma once

#include <cstdint>
#include <functional>

#include "cram/base/clock.h"
#include "cram/checkpoint/store.h"
#include "cram/finetune/batches.h"
#include "cram/model/task_model.h"
#include "cram/optim/optimizer.h"
#include "cram/recipe/recipe.h"
#include "cram/report/events.h"
#include "cram/train/budget.h"
#include "cram/train/loss_scale.h"

namespace cram::finetune {

// What a tuner works with; all of it outlives the tuner.
struct TunerParts {
  const recipe::Recipe& recipe;  // for fine-tuning
  std::uint64_t seed = 0;        // of the order and of dropout
  model::TaskModel& model;
  optim::Optimizer& optimizer;
  const std::vector<Input>& inputs;
  glue::Problem problem;
  bool segments = false;
  checkpoint::Store& store;
  report::EventSink& events;
  const Clock& clock;
  std::string environment;  // JSON object: what the arithmetic depends on beside the recipe
};

class Tuner {
 public:
  explicit Tuner(const TunerParts& parts);

  // Takes up a saved state. Throws Error{kData} when it is not of this model and optimizer; warns
  // when its environment was another.
  void restore(const checkpoint::TrainingState& state);

  // Trains to the end of the last epoch, or until a signal asks to stop and then saves a
  // checkpoint. Calls `after_epoch(n)` after the n-th epoch, from 1, and once more for the last one
  // when a run is taken up that had come so far; the time it takes is not counted, and it may throw
  // Interrupted. Returns the signal or 0. Where memory runs out, goes on in smaller passes. Throws
  // Error (kDiverged, kStorage, kOutOfMemory) and what `after_epoch` throws, after saving.
  int run(const std::function<void(std::int64_t)>& after_epoch);

  // Saves a checkpoint, unless there is one of this update; a full disk is a warning.
  void save_if_possible();

  [[nodiscard]] std::int64_t total_updates() const { return updates_per_epoch_ * epochs_; }
  // Updates, examples ("sequences"), tokens without padding, and training time so far.
  [[nodiscard]] const train::Position& position() const { return position_; }

 private:
  // Sums since the last progress record; the tensors are read only when one is written.
  struct Window {
    at::Tensor loss, gradient_norm, skipped;
    std::int64_t updates = 0;
    std::int64_t tokens = 0;
    Seconds start{0};
  };

  void run_epoch();
  void finish_epoch(const std::function<void(std::int64_t)>& after_epoch);
  void run_update(const Rows& rows);
  void accumulate(const Rows& rows);
  void accumulate_fitting(const Rows& rows);
  void after_update(const Rows& rows, const optim::StepOutput& result);
  void open_window();
  void record_progress();
  void record_rest();
  void save();

  TunerParts parts_;
  std::int64_t epochs_;
  std::int64_t updates_per_epoch_;
  recipe::Schedule schedule_;  // over all updates
  train::LossScale loss_scale_;
  train::Position position_;
  train::TrainingTimer timer_;
  Seconds last_save_{0};
  std::int64_t micro_batch_;  // examples a pass, at most
  std::int64_t skipped_updates_ = 0;
  std::int64_t saved_step_ = -1;
  double last_factor_ = 0;
  Window window_;
};

}  // namespace cram::finetune
