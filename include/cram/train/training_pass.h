// The forward and backward pass of a micro-batch, which a trainer does most of the time.
//
// Small models keep a GPU waiting for the launches of their hundreds of operations. There a pass is
// recorded once for each shape of micro-batch (a CUDA graph) and then launched as a whole.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/util/SmallVector.h>

#include "cram/cuda/plugin.h"
#include "cram/model/masked_input.h"
#include "cram/model/masked_lm.h"
#include "cram/train/loss_scale.h"

namespace cram::train {

// Records what `work` queues on the device instead of running it. Throws c10::Error where that
// cannot be recorded or has no room. Empty: nothing is to be recorded.
using Recorder =
    std::function<std::unique_ptr<cuda::RecordedWork>(const std::function<void()>& work)>;

// That of a GPU; empty for a CPU.
[[nodiscard]] Recorder recorder_of(const c10::Device& device);

class TrainingPass {
 public:
  // So many passes of a shape are computed operation by operation before one is recorded: the first
  // ones set libraries up, and shapes that change with every update are not worth a recording.
  static constexpr int kUnrecorded = 8;

  // Model and loss scale outlive the pass. Without a recorder no pass is recorded.
  TrainingPass(const model::MaskedLanguageModel& model, const LossScale& loss_scale, double z_loss,
               Recorder recorder);

  // Adds to the gradients of the model's weights. The loss, not scaled: a scalar on the device that
  // the next call may overwrite. Where recording fails, that is said on the log and this and later
  // passes are computed operation by operation.
  at::Tensor run(const model::MaskedInput& batch);

 private:
  // The tensors that the recorded operations read and write, and the operations.
  struct Recording {
    model::MaskedInput input;
    at::Tensor loss;
    std::unique_ptr<cuda::RecordedWork> work;
  };

  [[nodiscard]] at::Tensor compute(const model::MaskedInput& batch) const;
  void begin_shape(const model::MaskedInput& batch);
  bool record(const model::MaskedInput& batch);
  at::Tensor launch(const model::MaskedInput& batch);

  const model::MaskedLanguageModel& model_;
  const LossScale& loss_scale_;
  double z_loss_;
  Recorder recorder_;
  c10::SmallVector<std::int64_t, 4> shape_;  // of the passes since it last changed
  int passes_ = 0;                           // of that shape, up to the recording
  std::optional<Recording> recording_;
};

}  // namespace cram::train
