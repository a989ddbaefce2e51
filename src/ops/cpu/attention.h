// Attention of short sequences on the CPU, a head at a time: everything between qkv and the output
// stays in the caches, and the weights and their mask are computed again in backward. Tensors are
// dense. A sequence costs what its own length does, whatever the padding.
#pragma once

#include "cram/ops/dropout_mask.h"
#include "cram/ops/functions.h"

#include "tensors.h"

namespace cram::ops::cpu {

// Whether this version can do it.
[[nodiscard]] bool attends(const at::Tensor& qkv, const Attention& options);

struct AttentionResult {
  at::Tensor output;    // [B, S, H]
  at::Tensor log_sums;  // [B, heads, S] in fp32: of the exponentials of the scaled scores;
                        // nothing where there is padding
};
[[nodiscard]] AttentionResult attention_forward(const at::Tensor& qkv, const Attention& options,
                                                const DropoutMask& mask);

// The gradient of qkv.
[[nodiscard]] at::Tensor attention_backward(const at::Tensor& qkv, const at::Tensor& doutput,
                                            const at::Tensor& log_sums, const Attention& options,
                                            const DropoutMask& mask);

}  // namespace cram::ops::cpu
