#include "part.h"

#include <ATen/ops/_foreach_zero.h>

namespace cram::optim {

void finish(const ops::WeightList& weights) {
  std::vector<at::Tensor> grads;
  for (const auto& weight : weights) grads.push_back(weight->grad);
  at::_foreach_zero_(grads);
  ops::refresh_compute_copies(weights);
}

}  // namespace cram::optim
