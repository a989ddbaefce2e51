// Activations on a GPU; tensors are dense and handled.
#pragma once

#include <ATen/core/Tensor.h>

#include "cram/ops/activation_kind.h"

namespace cram::ops::gpu {

[[nodiscard]] bool activates(const at::Tensor& x, bool gated);

[[nodiscard]] at::Tensor activation_forward(const at::Tensor& x, ActivationKind kind, bool gated);

// The gradient of x.
[[nodiscard]] at::Tensor activation_backward(const at::Tensor& x, const at::Tensor& dy,
                                             ActivationKind kind, bool gated);

}  // namespace cram::ops::gpu
