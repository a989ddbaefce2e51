#include "cram/train/training_pass.h"

#include <utility>

#include <c10/util/Exception.h>

#include "cram/base/log.h"

namespace cram::train {

TrainingPass::TrainingPass(const model::MaskedLanguageModel& model, const LossScale& loss_scale,
                           double z_loss, Capture capture)
    : model_(model), loss_scale_(loss_scale), z_loss_(z_loss), capture_(std::move(capture)) {}

at::Tensor TrainingPass::run(const model::MaskedInput& batch) {
  if (!capture_) return compute(batch);
  Sizes shape = {batch.ids.size(0), batch.ids.size(1), batch.targets.size(0)};
  if (shape != shape_) begin_shape(std::move(shape));
  if (!graph_ && passes_ == kPassesBeforeCapture) capture(batch);
  if (graph_) return graph_->launch(batch);
  ++passes_;
  return compute(batch);
}

at::Tensor TrainingPass::compute(const model::MaskedInput& batch) const {
  const ops::MaskedLoss result = model_.loss(batch, model::Mode::kTraining, z_loss_);
  loss_scale_.scaled(result.loss).backward();
  return result.loss.detach();
}

void TrainingPass::forget_graph() {
  graph_.reset();
  passes_ = 0;
}

bool TrainingPass::give_graphs_up() {
  const bool had_one = graph_.has_value();
  forget_graph();
  capture_ = nullptr;
  return had_one;
}

void TrainingPass::begin_shape(Sizes shape) {
  forget_graph();
  shape_ = std::move(shape);
}

void TrainingPass::capture(const model::MaskedInput& batch) {
  try {
    graph_.emplace(batch, capture_,
                   [this](const model::MaskedInput& input) { return compute(input); });
  } catch (const c10::OutOfMemoryError&) {  // alone leaves everything usable
    log::warning("no memory for a graph of a pass: operations are launched one by one");
    capture_ = nullptr;
  }
}

}  // namespace cram::train
