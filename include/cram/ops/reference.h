// The same operations in plain ATen on plain tensors: the definition that tests hold the fused ones
// against. Slow, obvious, differentiable by autograd, in any floating-point type; the fused ones
// fall back on it where they have nothing faster.
#pragma once

#include "cram/ops/functions.h"

namespace cram::ops::reference {

inline constexpr double kQkNormEpsilon = 1e-6;

[[nodiscard]] at::Tensor norm(const at::Tensor& x, NormKind kind, double epsilon,
                              const at::Tensor& gain, const at::Tensor& bias);
[[nodiscard]] at::Tensor activation(const at::Tensor& x, ActivationKind kind);
[[nodiscard]] at::Tensor gated_activation(const at::Tensor& x, ActivationKind kind);

// Each [B, heads, S, head size], queries and keys normalised and rotated as the options say.
struct HeadTensors {
  at::Tensor queries, keys, values;
};
[[nodiscard]] HeadTensors split_heads(const at::Tensor& qkv, const Attention& options);
// [B, S], true where a sequence has ended; lengths as in Attention.
[[nodiscard]] at::Tensor padding(const at::Tensor& lengths, std::int64_t sequence_length);
// Bool, true where a query sees a key: broadcasts to [B, heads, S, S]; undefined where all see all.
// Queries of padding see all tokens, so that no row of weights is empty.
[[nodiscard]] at::Tensor visible_pairs(const Attention& options, std::int64_t sequence_length,
                                       const at::Device& device);
// [B, S, H] with zeros in the rows of padding.
[[nodiscard]] at::Tensor without_padding(const at::Tensor& output, const Attention& options);
// `kept` (bool [B, heads, S, S]) says which weights dropout keeps; undefined: ATen draws them.
[[nodiscard]] at::Tensor attention(const at::Tensor& qkv, const Attention& options,
                                   const at::Tensor& kept = {});

[[nodiscard]] at::Tensor mix_values(const at::Tensor& qkv, const at::Tensor& first,
                                    const at::Tensor& mix);

[[nodiscard]] at::Tensor add_scaled(const at::Tensor& entering, const at::Tensor& input,
                                    const at::Tensor& scale);

// [M, V] in fp32 (fp64 for fp64).
[[nodiscard]] at::Tensor logits(const at::Tensor& hidden, const at::Tensor& decoder,
                                const at::Tensor& bias, double softcap);
[[nodiscard]] at::Tensor masked_cross_entropy(const at::Tensor& hidden, const at::Tensor& decoder,
                                              const at::Tensor& bias, const at::Tensor& targets,
                                              const LossOptions& options = {});

}  // namespace cram::ops::reference
