// Masked cross-entropy on the CPU. The logits are computed in tiles, transposed (a row a token of
// the vocabulary), so that the softmax runs down columns and every product finds its operands as
// they lie. One pass computes each tile once, takes its exponentials, adds them to the sums and,
// multiplied by the decoder, to the gradient of the hidden rows; the division by the final sums
// comes last. Kept for backward are the exponentials in the element type; the decoder's gradient is
// made of them there, straight into Weight::grad.
#pragma once

#include "decoder.h"
#include "tensors.h"

namespace cram::ops::cpu {

// Whether this version can do it: dense hidden rows on the CPU.
[[nodiscard]] bool can_tile_loss(const at::Tensor& hidden);

// What backward needs. P: positions, rounded up; tokens are in tiles.
struct LossTrace {
  at::Tensor hidden;   // [M, H]
  at::Tensor targets;  // [M]
  // [V, P and what row_stride() adds], e^(logit - reference) times the softcap's derivative
  at::Tensor exponentials;
  at::Tensor references;  // [tiles, P] in fp32
  at::Tensor log_sums;    // [M] in fp32
  at::Tensor masses;      // [M] in fp32: 1 and the z-loss's share, the probabilities' factor
  at::Tensor slopes;      // [M] in fp32: the softcap's derivative at the target
  at::Tensor dhidden;     // [M, H] in fp32, of the sum of the losses
};

struct LossForward {
  at::Tensor loss;     // fp32 scalar
  at::Tensor correct;  // int64 scalar
  LossTrace trace;     // empty unless gradients are wanted
};

enum class Gradients { kNone, kWanted };

[[nodiscard]] LossForward loss_forward(const at::Tensor& hidden, const at::Tensor& targets,
                                       const Decoder& head, Gradients gradients);

// The gradient of hidden, times scale; adds those of the weights.
[[nodiscard]] at::Tensor loss_backward(const LossTrace& trace, const Decoder& head, float scale);

}  // namespace cram::ops::cpu
