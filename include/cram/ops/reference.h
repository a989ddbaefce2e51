// The same operations in plain ATen on plain tensors: the definition that tests hold the fused ones
// against. Slow, obvious, differentiable by autograd.
#pragma once

#include "cram/ops/functions.h"

namespace cram::ops::reference {

[[nodiscard]] at::Tensor norm(const at::Tensor& x, NormKind kind, double epsilon,
                              const at::Tensor& gain, const at::Tensor& bias);
[[nodiscard]] at::Tensor activation(const at::Tensor& x, ActivationKind kind);
[[nodiscard]] at::Tensor gated_activation(const at::Tensor& x, ActivationKind kind);
[[nodiscard]] at::Tensor attention(const at::Tensor& qkv, const Attention& options);
[[nodiscard]] at::Tensor masked_cross_entropy(const at::Tensor& hidden, const at::Tensor& decoder,
                                              const at::Tensor& bias, const at::Tensor& targets,
                                              double softcap);

}  // namespace cram::ops::reference
