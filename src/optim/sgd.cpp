#include "sgd.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sub.h>

namespace cram::optim {

Sgd::Sgd(const recipe::Optimizer& options, const ops::WeightList& weights)
    : learning_rate_(options.learning_rate),
      momentum_(options.momentum),
      weight_decay_(options.weight_decay),
      lists_(weights),
      momenta_(lists_.make_state()) {}

void Sgd::apply(const Update& update) {
  lists_.prepare_gradients(update);
  const at::TensorList decaying = at::TensorList(lists_.masters).slice(0, lists_.decaying);
  at::_foreach_add_(at::TensorList(lists_.grads).slice(0, lists_.decaying),
                    at::_foreach_mul(decaying, update.moves * weight_decay_));
  at::_foreach_mul_(momenta_, 1.0 - update.moves * (1.0 - momentum_));
  at::_foreach_add_(momenta_, lists_.grads);
  const at::Tensor rate = update.moves * (learning_rate_ * update.learning_rate_factor);
  at::_foreach_sub_(lists_.masters, at::_foreach_mul(momenta_, rate));
  finish(lists_.weights);
}

void Sgd::append_state(NamedTensors& state) const {
  lists_.append(state, "sgd.momentum.", momenta_);
}

}  // namespace cram::optim
