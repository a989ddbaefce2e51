#include "cram/train/loss_scale.h"

#include <ATen/ops/_amp_update_scale.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

namespace cram::train {

LossScale::LossScale(const recipe::Precision& options, at::ScalarType compute_type,
                     const at::Device& device)
    : growth_interval_(options.loss_scale_growth_interval) {
  if (compute_type != at::kHalf) return;
  scale_ = at::full({}, options.initial_loss_scale, at::TensorOptions(at::kFloat).device(device));
  growth_tracker_ = at::zeros({}, at::TensorOptions(at::kInt).device(device));
}

at::Tensor LossScale::scaled(const at::Tensor& loss) const {
  return scale_.defined() ? loss.mul(scale_) : loss;
}

void LossScale::update(const at::Tensor& skipped) {
  if (!scale_.defined()) return;
  at::_amp_update_scale_(scale_, growth_tracker_, skipped, /*scale_growth_factor=*/2.0,
                         /*scale_backoff_factor=*/0.5, growth_interval_);
}

std::vector<std::pair<std::string, at::Tensor>> LossScale::state() const {
  if (!scale_.defined()) return {};
  return {{std::string(kPrefix) + "scale", scale_},
          {std::string(kPrefix) + "growth_tracker", growth_tracker_}};
}

}  // namespace cram::train
