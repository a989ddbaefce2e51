#include "weight_lists.h"

#include <algorithm>

#include <ATen/TensorOperators.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/zeros_like.h>

namespace cram::optim {

WeightLists::WeightLists(const ops::WeightList& all) : weights(all) {
  const auto rest = std::stable_partition(weights.begin(), weights.end(),
                                          [](const auto& weight) { return is_decayed(*weight); });
  decaying = static_cast<std::size_t>(rest - weights.begin());
  for (const auto& weight : weights) {
    masters.push_back(weight->master);
    grads.push_back(weight->grad);
  }
}

void WeightLists::prepare_gradients(const Update& update) const {
  at::_foreach_div_(grads, update.gradient_divisor);
  const at::Tensor skipped = update.skipped.to(at::kBool);
  for (at::Tensor grad : grads) grad.masked_fill_(skipped, 0.0);
}

void WeightLists::decay(const at::Tensor& amount) const {
  at::_foreach_mul_(at::TensorList(masters).slice(0, decaying), 1.0 - amount);
}

std::vector<at::Tensor> WeightLists::make_state() const {
  std::vector<at::Tensor> state;
  for (const at::Tensor& master : masters) state.push_back(at::zeros_like(master));
  return state;
}

void WeightLists::lerp(at::TensorList state, at::TensorList target, const at::Tensor& weight) {
  at::_foreach_lerp_(state, target, std::vector<at::Tensor>(state.size(), weight));
}

void WeightLists::append(NamedTensors& all, const std::string& prefix, at::TensorList state) const {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    all.emplace_back(prefix + weights[i]->name, state[i]);
  }
}

}  // namespace cram::optim
