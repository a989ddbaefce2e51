// A batch of masked sequences for a masked language model.
#pragma once

#include <ATen/core/Tensor.h>

namespace cram::model {

// On the model's device. B: sequences, S: the tokens of each, M: the masked ones of all.
struct MaskedInput {
  at::Tensor ids;        // [B, S] int64, as the model sees them
  at::Tensor positions;  // [M] int64, flat indices into ids
  at::Tensor targets;    // [M] int64, the true tokens there
  // [B, S] int64, as in ops::Attention. Undefined: all tokens of a sequence see each other.
  at::Tensor documents = {};
};

}  // namespace cram::model
