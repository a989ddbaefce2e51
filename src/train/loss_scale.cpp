#include "cram/train/loss_scale.h"

#include <algorithm>

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

checkpoint::NamedTensors LossScale::state() const {
  if (!scale_.defined()) return {};
  return {{std::string(kPrefix) + "scale", scale_},
          {std::string(kPrefix) + "growth_tracker", growth_tracker_}};
}

checkpoint::NamedTensors LossScale::fit(checkpoint::NamedTensors saved) const {
  const auto is_loss_scale = [](const auto& entry) { return entry.first.starts_with(kPrefix); };
  const auto mine = state();
  if (mine.empty()) {
    std::erase_if(saved, is_loss_scale);
  } else if (std::none_of(saved.begin(), saved.end(), is_loss_scale)) {
    saved.insert(saved.end(), mine.begin(), mine.end());
  }
  return saved;
}

checkpoint::NamedTensors joint_state(optim::Optimizer& optimizer, const LossScale& loss_scale) {
  checkpoint::NamedTensors state = optimizer.state();
  for (auto& entry : loss_scale.state()) state.push_back(std::move(entry));
  return state;
}

}  // namespace cram::train
