#include "cram/ops/weight.h"

#include <utility>

#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include "compute_copy.h"

namespace cram::ops {

WeightPtr make_weight(std::string name, WeightRole role, const at::Tensor& value,
                      at::ScalarType compute_type) {
  const c10::NoGradGuard no_gradients;
  auto weight = std::make_shared<Weight>();
  weight->name = std::move(name);
  weight->role = role;
  weight->master = at::empty_like(value, value.options().dtype(at::kFloat).requires_grad(false),
                                  at::MemoryFormat::Contiguous);
  weight->master.copy_(value);
  weight->grad = at::zeros_like(weight->master);
  weight->compute =
      compute_type == at::kFloat ? weight->master.detach() : weight->master.to(compute_type);
  weight->compute.set_requires_grad(true);
  return weight;
}

void zero_gradients(const WeightList& weights) {
  for (const auto& weight : weights) weight->grad.zero_();
}

void refresh_compute_copies(const WeightList& weights) {
  const c10::NoGradGuard no_gradients;
  for (const auto& weight : weights) {
    if (has_copy(*weight)) weight->compute.copy_(weight->master);
  }
}

}  // namespace cram::ops
