#include "lamb.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/_foreach_sub.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

namespace cram::optim {

namespace {

// |weight| / |direction|.
at::Tensor trust_ratio(const at::Tensor& weight, const at::Tensor& direction) {
  const auto norm = [](const at::Tensor& x) {
    return at::linalg_vector_norm(x, 2, at::IntArrayRef{1, 2}, /*keepdim=*/true);
  };
  const at::Tensor ratio = norm(weight) / norm(direction);
  return at::where(at::isfinite(ratio) & (ratio > 0), ratio, 1.0);
}

}  // namespace

Lamb::Lamb(const recipe::Optimizer& options, const ops::WeightList& weights)
    : learning_rate_(options.learning_rate),
      beta1_(options.beta1),
      beta2_(options.beta2),
      epsilon_(options.epsilon),
      weight_decay_(options.weight_decay),
      lists_(weights),
      step_(at::zeros({}, weights.front()->master.options())),
      exp_avgs_(lists_.make_state()),
      exp_avg_sqs_(lists_.make_state()) {}

void Lamb::apply(const Update& update) {
  lists_.prepare_gradients(update);
  step_.add_(update.moves);
  WeightLists::lerp(exp_avgs_, lists_.grads, update.moves * (1.0 - beta1_));
  at::_foreach_mul_(lists_.grads, lists_.grads);
  WeightLists::lerp(exp_avg_sqs_, lists_.grads, update.moves * (1.0 - beta2_));
  std::vector<at::Tensor> directions = adam_directions();
  add_decay_and_fit_length(directions);
  at::_foreach_mul_(directions, update.moves * (learning_rate_ * update.learning_rate_factor));
  at::_foreach_sub_(lists_.masters, directions);
  finish(lists_.weights);
}

std::vector<at::Tensor> Lamb::adam_directions() const {
  const at::Tensor step = step_.clamp_min(1.0);  // it is 0 while every update has been skipped
  const at::Tensor first_bias = 1.0 - at::pow(beta1_, step);
  const at::Tensor second_bias = 1.0 - at::pow(beta2_, step);
  std::vector<at::Tensor> roots = at::_foreach_div(exp_avg_sqs_, second_bias);
  at::_foreach_sqrt_(roots);
  at::_foreach_add_(roots, epsilon_);
  std::vector<at::Tensor> directions = at::_foreach_div(exp_avgs_, first_bias);
  at::_foreach_div_(directions, roots);
  return directions;
}

void Lamb::add_decay_and_fit_length(std::vector<at::Tensor>& directions) const {
  for (std::size_t i = 0; i < lists_.decaying; ++i) {
    const at::Tensor weight = matrices(*lists_.weights[i], lists_.masters[i]);
    at::Tensor direction = matrices(*lists_.weights[i], directions[i]);
    direction.add_(weight, weight_decay_);
    direction.mul_(trust_ratio(weight, direction));
  }
}

void Lamb::append_state(NamedTensors& state) const {
  state.emplace_back("lamb.step", step_);
  lists_.append(state, "lamb.exp_avg.", exp_avgs_);
  lists_.append(state, "lamb.exp_avg_sq.", exp_avg_sqs_);
}

}  // namespace cram::optim
