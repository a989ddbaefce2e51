#include "muon.h"

#include <algorithm>
#include <cmath>

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include "cram/base/error.h"
#include "cram/optim/orthogonalize.h"

namespace cram::optim {

namespace {

// The weight's tensor `t` as [stacked, rows, columns].
at::Tensor matrices(const ops::Weight& weight, const at::Tensor& t) {
  return t.view({weight.stacked, -1, t.size(1)});
}

}  // namespace

Muon::Muon(const recipe::Optimizer& options, const ops::WeightList& weights)
    : learning_rate_(options.muon_learning_rate),
      momentum_(options.muon_momentum),
      weight_decay_(options.muon_weight_decay) {
  for (const auto& weight : weights) add(weight);
  for (Batch& batch : batches_) {
    std::int64_t count = 0;
    for (const auto& weight : batch.weights) count += weight->stacked;
    batch.momentum =
        at::zeros({count, batch.rows, batch.columns}, batch.weights.front()->master.options());
  }
}

void Muon::add(const ops::WeightPtr& weight) {
  const at::Tensor& master = weight->master;
  if (master.dim() != 2 || weight->stacked < 1 || master.size(0) % weight->stacked != 0) {
    throw Error(ErrorCode::kInternal, weight->name + ": not a stack of matrices, so not for Muon");
  }
  const std::int64_t rows = master.size(0) / weight->stacked;
  const at::ScalarType type = weight->compute.scalar_type();
  for (Batch& batch : batches_) {
    if (batch.rows == rows && batch.columns == master.size(1) && batch.type == type) {
      batch.weights.push_back(weight);
      return;
    }
  }
  batches_.push_back({rows, master.size(1), type, {weight}, {}});
}

void Muon::apply(const Update& update) {
  for (const Batch& batch : batches_) apply(update, batch);
}

void Muon::apply(const Update& update, const Batch& batch) const {
  std::vector<at::Tensor> grads, masters, steps;
  for (const auto& weight : batch.weights) {
    grads.push_back(matrices(*weight, weight->grad));
    masters.push_back(matrices(*weight, weight->master));
  }
  // Gradients that are not finite become zeros, which keeps NaN out of what follows: whether to
  // move is known on the device only.
  at::Tensor gradient = at::cat(grads).div_(update.gradient_divisor);
  gradient.masked_fill_(update.skipped.to(at::kBool), 0.0);

  at::Tensor momentum = batch.momentum;
  momentum.lerp_(gradient, update.moves.mul(1.0 - momentum_));
  gradient.lerp_(momentum, momentum_);  // Nesterov's look ahead

  const double rate = learning_rate_ * update.learning_rate_factor;
  const double length = 0.2 * std::sqrt(static_cast<double>(std::max(batch.rows, batch.columns)));
  const at::Tensor step =
      orthogonalize(gradient, batch.type).to(at::kFloat).mul_(update.moves.mul(-rate * length));
  std::int64_t first = 0;
  for (const auto& weight : batch.weights) {
    steps.push_back(step.narrow(0, first, weight->stacked));
    first += weight->stacked;
  }
  if (weight_decay_ != 0.0) {
    at::_foreach_mul_(masters, update.moves.mul(-rate * weight_decay_).add_(1.0));
  }
  at::_foreach_add_(masters, steps);
  finish(batch.weights);
}

void Muon::append_state(NamedTensors& state) const {
  for (const Batch& batch : batches_) {
    std::int64_t first = 0;
    for (const auto& weight : batch.weights) {
      const auto own = batch.momentum.narrow(0, first, weight->stacked);
      state.emplace_back("muon.momentum." + weight->name, own.view(weight->master.sizes()));
      first += weight->stacked;
    }
  }
}

}  // namespace cram::optim
