#include "adafactor.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/zeros.h>

namespace cram::optim {

namespace {

constexpr double kMemoryExponent = -0.8;
constexpr double kSmallestSquare = 1e-30;  // epsilon 1
constexpr double kSmallestSize = 1e-3;     // epsilon 2
constexpr double kLargestUpdate = 1.0;     // d

// Of each matrix of [N, R, C]: [N, 1, 1].
at::Tensor root_mean_square(const at::Tensor& x) {
  return x.square().mean({1, 2}, /*keepdim=*/true).sqrt_();
}

}  // namespace

Adafactor::Adafactor(const recipe::Optimizer& options, const ops::WeightList& weights)
    : learning_rate_(options.learning_rate),
      weight_decay_(options.weight_decay),
      lists_(weights),
      step_(at::zeros({}, weights.front()->master.options())) {
  for (const auto& weight : lists_.weights) {
    const at::Tensor shape = matrices(*weight, weight->master);
    const auto zeros = [&](std::int64_t rows, std::int64_t columns) {
      return at::zeros({shape.size(0), rows, columns}, shape.options());
    };
    if (weight->master.dim() == 2) {
      squares_.push_back({zeros(shape.size(1), 1), zeros(1, shape.size(2))});
    } else {
      squares_.push_back({zeros(1, shape.size(2)), {}});
    }
  }
}

void Adafactor::apply(const Update& update) {
  lists_.prepare_gradients(update);
  step_.add_(update.moves);
  const at::Tensor forgets = step_.clamp_min(1.0).pow_(kMemoryExponent).mul_(update.moves);
  const at::Tensor rate = update.moves * (learning_rate_ * update.learning_rate_factor);
  for (std::size_t i = 0; i < lists_.weights.size(); ++i) {
    const at::Tensor gradient = matrices(*lists_.weights[i], lists_.grads[i]);
    at::Tensor weight = matrices(*lists_.weights[i], lists_.masters[i]);
    const at::Tensor expected =
        remember(squares_[i], gradient.square().add_(kSmallestSquare), forgets);
    at::Tensor step = at::rsqrt(expected).mul_(gradient);
    step.div_((root_mean_square(step) / kLargestUpdate).clamp_min_(1.0));
    step.mul_(root_mean_square(weight).clamp_min_(kSmallestSize) * rate);
    if (i < lists_.decaying) weight.mul_(1.0 - rate * weight_decay_);
    weight.sub_(step);
  }
  finish(lists_.weights);
}

at::Tensor Adafactor::remember(const Squares& squares, const at::Tensor& square,
                               const at::Tensor& forgets) {
  at::Tensor rows = squares.rows, columns = squares.columns;
  if (!squares.factored()) {
    rows.lerp_(square, forgets);
    return rows.clamp_min(kSmallestSquare);
  }
  rows.lerp_(square.mean(2, /*keepdim=*/true), forgets);
  columns.lerp_(square.mean(1, /*keepdim=*/true), forgets);
  const at::Tensor mean = rows.mean(1, /*keepdim=*/true).clamp_min_(kSmallestSquare);
  return ((rows / mean) * columns).clamp_min_(kSmallestSquare);
}

void Adafactor::append_state(NamedTensors& state) const {
  state.emplace_back("adafactor.step", step_);
  for (std::size_t i = 0; i < squares_.size(); ++i) {
    const std::string& name = lists_.weights[i]->name;
    if (squares_[i].factored()) {
      state.emplace_back("adafactor.row." + name, squares_[i].rows);
      state.emplace_back("adafactor.column." + name, squares_[i].columns);
    } else {
      state.emplace_back("adafactor.square." + name, squares_[i].rows);
    }
  }
}

}  // namespace cram::optim
