// Attention of short sequences on the CPU, a head at a time: everything between qkv and the output
// stays in the caches, and the weights are computed again in backward. Tensors are dense.
#pragma once

#include "cram/ops/functions.h"

#include "tensors.h"

namespace cram::ops::cpu {

// Whether this version can do it.
[[nodiscard]] bool attends(const at::Tensor& qkv, const Attention& options);

struct AttentionResult {
  at::Tensor output;    // [B, S, H]
  at::Tensor log_sums;  // [B, heads, S] in fp32: of the exponentials of the scaled scores
};
[[nodiscard]] AttentionResult attention_forward(const at::Tensor& qkv, const Attention& options);

// The gradient of qkv.
[[nodiscard]] at::Tensor attention_backward(const at::Tensor& qkv, const at::Tensor& doutput,
                                            const at::Tensor& log_sums, const Attention& options);

}  // namespace cram::ops::cpu
