// Adam's update of one weight in one pass over memory, where there is a kernel for it: the gradient
// scaled, both moments and the master moved, the compute copy written, the gradient cleared.
#pragma once

#include "cram/ops/weight.h"

namespace cram::ops {

struct AdamStep {
  double learning_rate;
  double beta1, beta2, epsilon;
  double weight_decay;  // decoupled (Loshchilov & Hutter 2019), or coupled: L2 in the gradient
  bool coupled;
  double gradient_factor;  // gradients are multiplied by it first
  double step;             // 1 for the first update, for the moments' bias
};

// Whether there is a kernel: on a CPU, for fp32 and bf16 copies.
[[nodiscard]] bool has_adam_step(const Weight& weight);

// Moments are fp32 tensors of the weight's shape. Only for weights that have a kernel.
void adam_step(const Weight& weight, const at::Tensor& exp_avg, const at::Tensor& exp_avg_sq,
               const AdamStep& step);

}  // namespace cram::ops
