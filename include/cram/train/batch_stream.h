// The training stream as device tensors, prepared ahead: while one update is computed, the batches
// of the next are made on another thread.
#pragma once

#include <optional>

#include <c10/core/Device.h>

#include "cram/corpus/batches.h"
#include "cram/model/masked_input.h"
#include "cram/recipe/recipe.h"
#include "cram/train/budget.h"

namespace cram::train {

// On `device`. Rows of the batch's own length, or of a shorter one of which it holds a whole
// number.
[[nodiscard]] model::MaskedInput to_tensors(corpus::MaskedBatch batch, const at::Device& device);
[[nodiscard]] model::MaskedInput to_tensors(corpus::MaskedBatch batch, const at::Device& device,
                                            std::int64_t length);

// What one update consumes.
struct UpdatePlan {
  std::int64_t first_sequence = 0;
  std::int64_t micro_batch = 0;  // packed sequences a pass
  std::int64_t micro_batches = 0;
  std::int64_t length = 0;  // tokens of a row; a packed sequence may make several
  double masking_rate = 0;

  [[nodiscard]] std::int64_t sequences() const { return micro_batch * micro_batches; }
};

// Plans and delivers updates. A budget in steps or tokens gives the same plans in every run; under
// a budget in time the plan of an update is made one update ahead, from the time spent then.
class BatchStream {
 public:
  BatchStream(const recipe::Recipe& recipe, const corpus::BatchMaker& maker,
              const at::Device& device, std::int64_t micro_batch, const Position& start);

  // The plan of the update at `position`, whose batches next() then delivers; queues the one after.
  UpdatePlan begin_update(const Position& position);
  [[nodiscard]] model::MaskedInput next();

 private:
  [[nodiscard]] UpdatePlan plan(const Position& position) const;
  void request(const UpdatePlan& plan);

  const recipe::Recipe* recipe_;
  BudgetMeter meter_;
  at::Device device_;
  std::int64_t micro_batch_;
  corpus::BatchPrefetcher prefetcher_;
  UpdatePlan current_;
  UpdatePlan planned_;
};

}  // namespace cram::train
