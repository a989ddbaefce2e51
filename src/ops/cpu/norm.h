// Norms on the CPU; tensors are dense and handled. Statistics are [rows, 2] in fp32.
#pragma once

#include "cram/ops/dropout_mask.h"
#include "cram/ops/functions.h"

#include "../norm_results.h"
#include "tensors.h"

namespace cram::ops::cpu {

[[nodiscard]] NormResult norm_forward(const at::Tensor& x, const Norm& options);

// Of residual + what `mask` leaves of x.
[[nodiscard]] ResidualNormResult residual_norm_forward(const at::Tensor& residual,
                                                       const at::Tensor& x, const Norm& options,
                                                       const DropoutMask& mask);

// The gradient of x; adds those of gain and bias to their weights.
[[nodiscard]] at::Tensor norm_backward(const at::Tensor& x, const NormGradients& gradients,
                                       const at::Tensor& statistics, const Norm& options);

// The same of the two that made the sum.
[[nodiscard]] ResidualGradients residual_norm_backward(const at::Tensor& sum,
                                                       const NormGradients& gradients,
                                                       const at::Tensor& statistics,
                                                       const Norm& options,
                                                       const DropoutMask& mask);

}  // namespace cram::ops::cpu
