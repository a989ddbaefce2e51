#include "lion.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sign.h>
#include <ATen/ops/_foreach_sub.h>

namespace cram::optim {

Lion::Lion(const recipe::Optimizer& options, const ops::WeightList& weights)
    : learning_rate_(options.learning_rate),
      beta1_(options.beta1),
      beta2_(options.beta2),
      weight_decay_(options.weight_decay),
      lists_(weights),
      momenta_(lists_.make_state()) {}

void Lion::apply(const Update& update) {
  lists_.prepare_gradients(update);
  const at::Tensor rate = update.moves * (learning_rate_ * update.learning_rate_factor);
  std::vector<at::Tensor> steps = at::_foreach_lerp(lists_.grads, momenta_, beta1_);
  at::_foreach_sign_(steps);
  at::_foreach_mul_(steps, rate);
  lists_.decay(rate * weight_decay_);
  at::_foreach_sub_(lists_.masters, steps);
  WeightLists::lerp(momenta_, lists_.grads, update.moves * (1.0 - beta2_));
  finish(lists_.weights);
}

void Lion::append_state(NamedTensors& state) const {
  lists_.append(state, "lion.momentum.", momenta_);
}

}  // namespace cram::optim
