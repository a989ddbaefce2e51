#include "cram/train/training_pass.h"

#include <utility>

#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <c10/util/Exception.h>

#include "cram/base/log.h"

#include "cuda_loader.h"

namespace cram::train {
namespace {

at::Tensor like(const at::Tensor& tensor) {
  return tensor.defined() ? at::empty_like(tensor) : at::Tensor();
}

void copy(const at::Tensor& from, const at::Tensor& to) {
  if (to.defined()) to.copy_(from, /*non_blocking=*/true);
}

model::MaskedInput like(const model::MaskedInput& batch) {
  return {like(batch.ids), like(batch.positions), like(batch.targets), like(batch.documents)};
}

void copy(const model::MaskedInput& from, const model::MaskedInput& to) {
  copy(from.ids, to.ids);
  copy(from.positions, to.positions);
  copy(from.targets, to.targets);
  copy(from.documents, to.documents);
}

}  // namespace

Recorder recorder_of(const c10::Device& device) {
  if (!device.is_cuda()) return {};
  return [index = int{device.index()}](const std::function<void()>& work) {
    return load_cuda().plugin->record(index, work);
  };
}

TrainingPass::TrainingPass(const model::MaskedLanguageModel& model, const LossScale& loss_scale,
                           double z_loss, Recorder recorder)
    : model_(model), loss_scale_(loss_scale), z_loss_(z_loss), recorder_(std::move(recorder)) {}

at::Tensor TrainingPass::run(const model::MaskedInput& batch) {
  if (!recorder_) return compute(batch);
  begin_shape(batch);
  if (!recording_ && (++passes_ <= kUnrecorded || !record(batch))) return compute(batch);
  return launch(batch);
}

at::Tensor TrainingPass::compute(const model::MaskedInput& batch) const {
  const ops::MaskedLoss result = model_.loss(batch, model::Mode::kTraining, z_loss_);
  loss_scale_.scaled(result.loss).backward();
  return result.loss.detach();
}

// A recording of another shape is of no use any more, and its memory is wanted.
void TrainingPass::begin_shape(const model::MaskedInput& batch) {
  const c10::SmallVector<std::int64_t, 4> shape = {batch.ids.size(0), batch.ids.size(1),
                                                   batch.targets.size(0)};
  if (shape == shape_) return;
  shape_ = shape;
  passes_ = 0;
  recording_.reset();
}

bool TrainingPass::record(const model::MaskedInput& batch) {
  recording_.emplace(
      Recording{like(batch), at::zeros({}, batch.ids.options().dtype(at::kFloat)), nullptr});
  try {
    recording_->work = recorder_([this] { recording_->loss.copy_(compute(recording_->input)); });
    return true;
  } catch (const c10::Error& error) {
    log::warning(std::string("passes are computed operation by operation, since one cannot be "
                             "recorded: ") +
                 error.what_without_backtrace());
    recording_.reset();
    recorder_ = nullptr;
    return false;
  }
}

at::Tensor TrainingPass::launch(const model::MaskedInput& batch) {
  copy(batch, recording_->input);
  recording_->work->launch();
  return recording_->loss;
}

}  // namespace cram::train
