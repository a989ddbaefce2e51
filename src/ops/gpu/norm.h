// Norms on a GPU; tensors are dense and handled. Statistics are [rows, 2] in fp32.
#pragma once

#include "cram/ops/functions.h"

#include "../norm_results.h"

namespace cram::ops::gpu {

[[nodiscard]] bool norms(const at::Tensor& x);

[[nodiscard]] NormResult norm_forward(const at::Tensor& x, const Norm& options);
[[nodiscard]] ResidualNormResult residual_norm_forward(const at::Tensor& residual,
                                                       const at::Tensor& x, const Norm& options);

// The gradient of x; adds those of gain and bias to their weights.
[[nodiscard]] at::Tensor norm_backward(const at::Tensor& x, const NormGradients& gradients,
                                       const at::Tensor& statistics, const Norm& options);

}  // namespace cram::ops::gpu
