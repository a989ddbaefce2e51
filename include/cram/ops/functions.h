// The differentiable operations that models are made of.
//
// Each takes and returns autograd tensors in the compute type (fp32, bf16 or fp16) on any device,
// adds the gradients of its weights to Weight::grad during backward, and has a plain ATen twin in
// ops/reference.h that tests compare it with, in values and gradients. B: sequences, S: sequence
// length, T = B*S tokens, H: hidden size, V: vocabulary size, M: masked positions.
#pragma once

#include <optional>

#include "cram/ops/activation_kind.h"
#include "cram/ops/weight.h"

namespace cram::ops {

// Rows of `table` [V, H] at `ids` (int64, any shape): [..., H]. Gradients are added row by row,
// without a dense V x H temporary.
[[nodiscard]] at::Tensor embedding(const at::Tensor& ids, const WeightPtr& table);

// x [..., in] -> x W^T + b, [..., out]; W [out, in], b [out] or null.
[[nodiscard]] at::Tensor linear(const at::Tensor& x, const WeightPtr& weight,
                                const WeightPtr& bias = nullptr);

enum class NormKind { kLayerNorm, kRmsNorm };

struct Norm {
  NormKind kind = NormKind::kLayerNorm;
  double epsilon = 1e-12;
  WeightPtr gain = nullptr;  // [H]
  WeightPtr bias = nullptr;  // [H] or null; never with kRmsNorm
};

// Normalises the last dimension; statistics in fp32.
[[nodiscard]] at::Tensor norm(const at::Tensor& x, const Norm& options);

// residual + dropout(x) and its norm, in one pass over memory where there is a kernel: {sum,
// norm(sum)}.
struct ResidualNorm {
  at::Tensor sum, normed;
};
[[nodiscard]] ResidualNorm residual_norm(const at::Tensor& residual, const at::Tensor& x,
                                         const Norm& options, double dropout = 0.0);

[[nodiscard]] at::Tensor activation(const at::Tensor& x, ActivationKind kind);

// [..., 2I] -> value * activation(gate), [..., I], where the first half of the last dimension is
// the value and the second the gate.
[[nodiscard]] at::Tensor gated_activation(const at::Tensor& x, ActivationKind kind);

// How attention is computed. kMatmul: two batched products and a softmax; kFused: ATen's
// scaled_dot_product_attention.
enum class AttentionKernel { kMatmul, kFused };
[[nodiscard]] const char* name(AttentionKernel kernel);
// kMatmul on CPUs (ATen's bf16 backward there is several times slower) but for sequences of 4096
// tokens and more without dropout, and in fp64 on GPUs, whose fused kernels do not know it; kFused
// otherwise.
[[nodiscard]] AttentionKernel choose_attention_kernel(const at::Device& device, at::ScalarType type,
                                                      std::int64_t sequence_length, double dropout);

struct Attention {
  std::int64_t heads = 1;
  AttentionKernel kernel = AttentionKernel::kMatmul;
  double dropout = 0.0;  // of the attention weights, active when > 0
  // [B] int64 on the device of qkv, each from 1 to S: what follows in a sequence is padding that
  // gets no weight. Rows of padding are zero in the output and get no gradient. Undefined: none.
  at::Tensor lengths = {};
  // A token sees those that are at most so many positions away; 0: the whole sequence.
  std::int64_t window = 0;
  // [B, S] int64 on the device of qkv, never falling within a sequence: a token sees those of the
  // same number (NeoBERT, arXiv 2502.19587, section 4). Undefined: those of the whole sequence.
  at::Tensor documents = {};
  bool qk_norm = false;  // queries and keys divided by their root mean square over the head (+1e-6)
  at::Tensor rotary_cos = {};  // [S, head size / 2] fp32, or undefined: no rotary positions
  at::Tensor rotary_sin = {};
};

// Bidirectional self-attention of each sequence to itself. qkv [B, S, 3H] with queries,
// keys and values side by side, each split into heads: -> [B, S, H]. Scale 1/sqrt(head size).
// Rotary positions (Su et al. 2021) rotate the pair (i, i + head size/2), after qk_norm.
[[nodiscard]] at::Tensor attention(const at::Tensor& qkv, const Attention& options);

// The values, the last third, of fused projections qkv [B, S, 3H].
[[nodiscard]] at::Tensor values_of(const at::Tensor& qkv);

// Value residual (Zhou et al. 2024, arXiv 2410.17897): the values v of qkv become v + mix*(first -
// v), with `first` [B, S, H], those of the first layer, and `mix`, one learned number.
[[nodiscard]] at::Tensor mix_values(const at::Tensor& qkv, const at::Tensor& first,
                                    const WeightPtr& mix);

// entering + scale*input, of one shape; `scale` is one learned number.
[[nodiscard]] at::Tensor add_scaled(const at::Tensor& entering, const at::Tensor& input,
                                    const WeightPtr& scale);

// Drops a share p, from 0 to below 1, and scales the rest by 1/(1 - p). Masks are drawn from ATen's
// generator of the tensor's device; on CPUs that is a seed a call (see dropout_mask.h). p = 0
// returns x itself. The same goes for every other dropout here.
[[nodiscard]] at::Tensor dropout(const at::Tensor& x, double p);

// Rows `positions` (int64 [M]) of x [T, H]: [M, H].
[[nodiscard]] at::Tensor gather_rows(const at::Tensor& x, const at::Tensor& positions);

struct LossOptions {
  double softcap = 0.0;  // c > 0 replaces the logits z by c*tanh(z/c)
  double z_loss = 0.0;   // adds z_loss*log^2(sum of e^z) to each row's loss (PaLM)
};

struct MaskedLoss {
  at::Tensor loss;     // fp32 scalar: mean loss in nats, the z-loss included; differentiable
  at::Tensor correct;  // int64 scalar: rows whose highest logit is the target
};

// Prediction head and cross-entropy in tiles of rows, so that no [M, V] logits stay in memory; the
// gradients of `hidden` and the weights are computed in the same pass and only scaled in backward.
// hidden [M, H], decoder [V, H], bias [V] or null, targets int64 [M].
[[nodiscard]] MaskedLoss masked_cross_entropy(const at::Tensor& hidden, const WeightPtr& decoder,
                                              const WeightPtr& bias, const at::Tensor& targets,
                                              const LossOptions& options = {});

// The same logits, whole, for prediction: [M, V] in fp32. Not differentiable.
[[nodiscard]] at::Tensor logits(const at::Tensor& hidden, const WeightPtr& decoder,
                                const WeightPtr& bias, double softcap = 0.0);

}  // namespace cram::ops
