// The budgeted loop: updates until the budget is spent, with validation, checkpoints and records on
// the way, from any saved position.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cram/base/clock.h"
#include "cram/checkpoint/store.h"
#include "cram/corpus/batches.h"
#include "cram/model/masked_lm.h"
#include "cram/optim/optimizer.h"
#include "cram/optim/weight_average.h"
#include "cram/recipe/recipe.h"
#include "cram/report/events.h"
#include "cram/train/batch_stream.h"
#include "cram/train/budget.h"
#include "cram/train/loss_scale.h"
#include "cram/train/training_pass.h"
#include "cram/train/validation.h"

namespace cram::train {

// What a trainer works with; all of it outlives the trainer.
struct TrainerParts {
  const recipe::Recipe& recipe;
  model::MaskedLanguageModel& model;
  optim::Optimizer& optimizer;
  optim::WeightAverage* average;  // null: none is kept
  const corpus::BatchMaker& training;
  const corpus::BatchMaker& held_out;
  checkpoint::Store& store;
  report::EventSink& events;
  const Clock& clock;
  std::string environment;  // JSON object: what the arithmetic depends on beside the recipe
  double gemm_flops = 0;    // matrix-multiply FLOP/s of the device, measured; 0: unknown
  Capture capture = {};     // of passes, as graphs; empty: operations are launched one by one
};

struct Outcome {
  int signal = 0;  // that stopped the run, or 0: the budget is spent
  Position position;
  std::optional<Score> score;    // the final one, when this run came to its end
  std::optional<Score> average;  // that of the averaged weights, where there are such
};

class Trainer {
 public:
  Trainer(const TrainerParts& parts, std::int64_t micro_batch);

  // Takes up a saved run; warns when its environment was another, so that the bytes may differ from
  // those of an uninterrupted run. Throws Error{kData} when the state is not of this model and
  // optimizer, or of another tokenizer.
  void restore(const checkpoint::TrainingState& state);

  [[nodiscard]] const Position& position() const { return position_; }
  // True when the budget is spent.
  [[nodiscard]] bool finished() const { return meter_.exhausted(position_); }

  // Trains until the budget is spent or a signal asks to stop, and saves a checkpoint in both
  // cases. Throws Error: kDiverged, kOutOfMemory, kStorage when even the last checkpoint cannot be
  // saved, kData (after saving) when the corpus cannot be read any more. A checkpoint that does not
  // fit on the disk on the way is a warning: training goes on and the next interval tries again.
  [[nodiscard]] Outcome run();

 private:
  // Sums since the last progress record. The tensors are read only when a record is written.
  struct Window {
    at::Tensor loss, gradient_norm, skipped;
    std::int64_t micro_batches = 0;
    std::int64_t updates = 0;
    std::int64_t tokens = 0;
    double flops = 0;
    Seconds start{0};
  };

  enum class Update { kDone, kAbandoned };

  Update run_update(BatchStream& stream);
  Update accumulate(const UpdatePlan& plan, BatchStream& stream, std::int64_t& done);
  void train();
  void train_until_stopped(BatchStream& stream);
  [[nodiscard]] bool validation_is_due() const;
  void after_update(const UpdatePlan& plan, std::int64_t sequences,
                    const optim::StepOutput& result);
  void make_room(const std::string& shortage);
  void shrink_micro_batch(const std::string& shortage);

  void open_window();
  void record_progress();
  void record_rest();
  // Measures the weights and their average; nothing when a signal asks to stop meanwhile.
  struct Scores {
    Score raw;
    std::optional<Score> average;
  };
  [[nodiscard]] std::optional<Scores> validate();
  [[nodiscard]] std::optional<Scores> measure(const ScoreOptions& options);
  // All but the weights themselves.
  [[nodiscard]] checkpoint::NamedTensors tensor_state() const;
  void save();
  void save_if_possible();

  TrainerParts parts_;
  std::int64_t micro_batch_;
  BudgetMeter meter_;
  LossScale loss_scale_;
  TrainingPass pass_;
  Position position_;
  double validated_share_ = -1;  // of the budget at the last validation
  std::int64_t skipped_updates_ = 0;
  std::int64_t saved_step_ = -1;
  Seconds last_save_{0};
  TrainingTimer timer_;
  Window window_;
  UpdatePlan last_plan_;
  double last_factor_ = 0;
};

}  // namespace cram::train
