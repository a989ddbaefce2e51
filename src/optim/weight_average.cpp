#include "cram/optim/weight_average.h"

#include <algorithm>
#include <cmath>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "cram/base/error.h"

namespace cram::optim {

using recipe::AveragingType;

WeightAverage::WeightAverage(const recipe::Averaging& options, const ops::WeightList& weights)
    : options_(options), weights_(weights), taken_(at::zeros({}, at::kLong)) {
  for (const auto& weight : weights_) masters_.push_back(weight->master);
  const bool one = options.type == AveragingType::kEma;
  slots_.resize(one ? 1 : static_cast<std::size_t>(options.count));
  for (auto& slot : slots_) {
    for (const at::Tensor& master : masters_) slot.push_back(at::zeros_like(master));
  }
}

bool WeightAverage::is_due(double before, double now) const {
  if (options_.type == AveragingType::kEma) return true;
  // Rounding must not hide that a multiple is reached.
  const auto multiples = [&](double share) { return std::floor(share / options_.every + 1e-9); };
  return multiples(now) > multiples(before);
}

void WeightAverage::take(double before, double now) {
  if (!is_due(before, now)) return;
  const at::NoGradGuard no_grad;
  const auto taken = taken_.add_(1).item<std::int64_t>();
  const bool ema = options_.type == AveragingType::kEma;
  const double share = ema ? std::max(1.0 - options_.decay, 1.0 / static_cast<double>(taken)) : 1.0;
  auto& slot = slots_[static_cast<std::size_t>(taken - 1) % slots_.size()];
  at::_foreach_lerp_(slot, masters_, share);
}

std::int64_t WeightAverage::filled() const {
  return std::min(taken_.item<std::int64_t>(), static_cast<std::int64_t>(slots_.size()));
}

bool WeightAverage::empty() const { return filled() == 0; }

std::vector<std::pair<std::string, at::Tensor>> WeightAverage::state() const {
  std::vector<std::pair<std::string, at::Tensor>> state = {
      {std::string(kPrefix) + "taken", taken_}};
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      state.emplace_back(std::string(kPrefix) + std::to_string(slot) + "." + weights_[i]->name,
                         slots_[slot][i]);
    }
  }
  return state;
}

WeightAverage::Placed::Placed(const WeightAverage& average) : weights_(average.weights_) {
  const at::NoGradGuard no_grad;
  const std::int64_t filled = average.filled();
  if (filled == 0) throw Error(ErrorCode::kInternal, "there is no average of the weights yet");
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    own_.push_back(weights_[i]->master.clone());
    at::Tensor mean = at::zeros_like(own_.back());
    for (std::int64_t slot = 0; slot < filled; ++slot) {
      mean.add_(average.slots_[static_cast<std::size_t>(slot)][i]);
    }
    weights_[i]->master.copy_(mean.div_(filled));
  }
  ops::refresh_compute_copies(weights_);
}

WeightAverage::Placed::~Placed() {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i]->master.copy_(own_[i]);
  ops::refresh_compute_copies(weights_);
}

}  // namespace cram::optim
