// Activations on the CPU; tensors are dense and handled.
#pragma once

#include "cram/ops/activation_kind.h"

#include "tensors.h"

namespace cram::ops::cpu {

struct Activation {
  ActivationKind kind;
  bool gated;  // x is twice as wide as the result
};

[[nodiscard]] at::Tensor activation_forward(const at::Tensor& x, Activation options);

// The gradient of x.
[[nodiscard]] at::Tensor activation_backward(const at::Tensor& x, const at::Tensor& dy,
                                             Activation options);

}  // namespace cram::ops::cpu
