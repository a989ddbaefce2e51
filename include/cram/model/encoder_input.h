// A batch of token sequences for an encoder.
#pragma once

#include <ATen/core/Tensor.h>

namespace cram::model {

// On the model's device. B: sequences, S: the length of the longest, at most the model's.
struct EncoderInput {
  at::Tensor ids;            // [B, S] int64
  at::Tensor segments = {};  // [B, S] int64, below the recipe's model.segments; undefined: all 0
  // [B] int64, each from 1 to S: tokens of a sequence, what follows is padding that no token
  // attends to. Undefined: no padding.
  at::Tensor lengths = {};
  at::Tensor documents = {};  // [B, S] int64, as in ops::Attention; undefined: one a sequence
};

// Whether dropout is active.
enum class Mode { kTraining, kEvaluation };

}  // namespace cram::model
