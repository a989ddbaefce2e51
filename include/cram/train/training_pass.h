// The forward and backward pass of a micro-batch, which a trainer does most of the time.
//
// Small models keep a GPU waiting for the launches of their hundreds of operations. There a pass is
// captured as a graph for each shape of micro-batch, and then launched as a whole.
#pragma once

#include <cstdint>
#include <optional>

#include <ATen/core/Tensor.h>
#include <c10/util/SmallVector.h>

#include "cram/model/masked_input.h"
#include "cram/model/masked_lm.h"
#include "cram/train/loss_scale.h"
#include "cram/train/pass_graph.h"

namespace cram::train {

class TrainingPass {
 public:
  // So many passes of a shape are launched operation by operation before one is captured: the first
  // ones set libraries up, and shapes that change with every update are not worth a graph.
  static constexpr int kPassesBeforeCapture = 8;

  // Model and loss scale outlive the pass. With an empty `capture` there are no graphs.
  TrainingPass(const model::MaskedLanguageModel& model, const LossScale& loss_scale, double z_loss,
               Capture capture);
  TrainingPass(const TrainingPass&) = delete;
  TrainingPass& operator=(const TrainingPass&) = delete;

  // Adds to the gradients of the model's weights. The loss, not scaled: a scalar on the device that
  // the next call may overwrite. Where memory is too short for a graph, that is said on the log and
  // there will be none.
  at::Tensor run(const model::MaskedInput& batch);

  // Frees the graph, whose memory is wanted for something else; later passes make a new one.
  void forget_graph();
  // Frees it and makes no more; false where there was none.
  bool give_graphs_up();

 private:
  using Sizes = c10::SmallVector<std::int64_t, 3>;

  [[nodiscard]] at::Tensor compute(const model::MaskedInput& batch) const;
  void begin_shape(Sizes shape);
  void capture(const model::MaskedInput& batch);

  const model::MaskedLanguageModel& model_;
  const LossScale& loss_scale_;
  double z_loss_;
  Capture capture_;
  Sizes shape_;     // of the last passes: rows, columns, masked tokens
  int passes_ = 0;  // of that shape, without a graph
  std::optional<PassGraph> graph_;
};

}  // namespace cram::train
