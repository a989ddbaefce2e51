#include "muon.h"

#include <algorithm>
#include <cmath>

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/zeros.h>

#include "cram/base/error.h"
#include "cram/ops/muon_step.h"
#include "cram/ops/orthogonalize.h"
#include "cram/optim/schedule.h"

namespace cram::optim {

namespace {

constexpr double kEpsilon = 1e-8;

// NorMuon's rule for steps [N, R, C]: rows are divided by the root of their mean squares, which
// `row_squares` [N, R, 1] remembers, then each matrix gets the norm that an orthogonal one has.
void even_out_rows(at::Tensor& steps, at::Tensor& row_squares, const at::Tensor& forgets) {
  row_squares.lerp_(steps.square().mean(2, /*keepdim=*/true), forgets);
  steps.div_(row_squares.sqrt().add_(kEpsilon));
  const double norm = std::sqrt(static_cast<double>(std::min(steps.size(1), steps.size(2))));
  const at::Tensor norms =
      at::linalg_vector_norm(steps, 2, at::IntArrayRef{1, 2}, /*keepdim=*/true);
  steps.mul_(norms.clamp_min_(kEpsilon).reciprocal_().mul_(norm));
}

}  // namespace

Muon::Muon(const recipe::Optimizer& options, const ops::WeightList& weights) : options_(options) {
  const bool normalized = options.type == recipe::OptimizerType::kNorMuon;
  for (const auto& weight : weights) add(weight);
  for (Batch& batch : batches_) {
    std::int64_t count = 0;
    for (const auto& weight : batch.weights) count += weight->stacked;
    const auto zeros = [&](std::int64_t columns) {
      return at::zeros({count, batch.rows, columns}, batch.weights.front()->master.options());
    };
    batch.momentum = zeros(batch.columns);
    if (normalized) batch.row_squares = zeros(1);
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
  batches_.push_back({rows, master.size(1), type, {weight}, {}, {}});
}

void Muon::apply(const Update& update) {
  for (const Batch& batch : batches_) {
    if (ops::has_muon_step(*batch.weights.front())) {
      apply_in_two_passes(update, batch);
    } else {
      apply_by_aten(update, batch);
    }
  }
}

double Muon::rate(const Update& update) const {
  return options_.muon_learning_rate * update.learning_rate_factor;
}

at::Tensor Muon::steps(const Update& update, const Batch& batch,
                       const at::Tensor& directions) const {
  at::Tensor steps = ops::orthogonalize(directions, batch.type).to(at::kFloat);
  if (at::Tensor squares = batch.row_squares; squares.defined()) {
    even_out_rows(steps, squares, update.moves.mul(1.0 - options_.muon_beta2));
  }
  return steps;
}

// On a CPU, where reading a tensor waits for nothing.
void Muon::apply_in_two_passes(const Update& update, const Batch& batch) const {
  const ops::WeightList& weights = batch.weights;
  if (update.moves.item<float>() == 0) return ops::zero_gradients(weights);
  const at::Tensor directions = at::empty_like(batch.momentum);
  const auto momenta = batch.parts(batch.momentum), own = batch.parts(directions);
  const double factor = 1 / update.gradient_divisor.item<double>();
  const double memory = muon_momentum(options_, update.budget_share);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    ops::muon_direction(*weights[i], momenta[i], own[i], factor, memory);
  }
  const auto moves = batch.parts(steps(update, batch, directions).contiguous());
  const double keep = 1 - rate(update) * options_.muon_weight_decay;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    ops::muon_move(*weights[i], moves[i], keep, rate(update) * batch.step_length());
  }
}

void Muon::apply_by_aten(const Update& update, const Batch& batch) const {
  std::vector<at::Tensor> grads, masters;
  for (const auto& weight : batch.weights) {
    grads.push_back(matrices(*weight, weight->grad));
    masters.push_back(matrices(*weight, weight->master));
  }
  // Gradients that are not finite become zeros, which keeps NaN out of what follows: whether to
  // move is known on the device only.
  at::Tensor gradient = at::cat(grads).div_(update.gradient_divisor);
  gradient.masked_fill_(update.skipped.to(at::kBool), 0.0);

  at::Tensor momentum = batch.momentum;
  const double memory = muon_momentum(options_, update.budget_share);
  momentum.lerp_(gradient, update.moves.mul(1.0 - memory));
  gradient.lerp_(momentum, memory);  // Nesterov's look ahead

  const at::Tensor moves =
      steps(update, batch, gradient).mul_(update.moves.mul(-rate(update) * batch.step_length()));
  const double decay = options_.muon_weight_decay;
  if (decay != 0.0) at::_foreach_mul_(masters, update.moves.mul(-rate(update) * decay).add_(1.0));
  at::_foreach_add_(masters, batch.parts(moves));
  finish(batch.weights);
}

void Muon::append_state(NamedTensors& state) const {
  for (const Batch& batch : batches_) {
    std::vector<at::Tensor> momenta = batch.parts(batch.momentum), squares;
    if (batch.row_squares.defined()) squares = batch.parts(batch.row_squares);
    for (std::size_t i = 0; i < momenta.size(); ++i) {
      const ops::Weight& weight = *batch.weights[i];
      state.emplace_back("muon.momentum." + weight.name, momenta[i].view(weight.master.sizes()));
      if (squares.empty()) continue;
      state.emplace_back("muon.row_squares." + weight.name, squares[i].view(-1));
    }
  }
}

std::vector<at::Tensor> Muon::Batch::parts(const at::Tensor& tensor) const {
  std::vector<at::Tensor> list;
  std::int64_t first = 0;
  for (const auto& weight : weights) {
    list.push_back(tensor.narrow(0, first, weight->stacked));
    first += weight->stacked;
  }
  return list;
}

double Muon::Batch::step_length() const {
  return 0.2 * std::sqrt(static_cast<double>(std::max(rows, columns)));
}

}  // namespace cram::optim
