#include "part.h"

#include <ATen/ops/_foreach_zero.h>

namespace cram::optim {

void finish(const ops::WeightList& weights) {
  std::vector<at::Tensor> grads;
  for (const auto& weight : weights) grads.push_back(weight->grad);
  at::_foreach_zero_(grads);
  ops::refresh_compute_copies(weights);
}

bool is_decayed(const ops::Weight& weight) {
  return weight.role != ops::WeightRole::kGain && weight.role != ops::WeightRole::kBias;
}

at::Tensor matrices(const ops::Weight& weight, const at::Tensor& t) {
  return t.view({weight.stacked, -1, t.size(-1)});
}

}  // namespace cram::optim
