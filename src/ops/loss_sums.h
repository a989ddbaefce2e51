// What the versions of the masked cross-entropy in tiles take and give.
#pragma once

#include <ATen/core/Tensor.h>

namespace cram::ops {

// Gradients of the sum of the losses, to be scaled in backward; undefined where none are wanted.
struct LossGradients {
  at::Tensor hidden;         // [M, H]
  at::Tensor decoder, bias;  // fp32
};

struct LossSums {
  at::Tensor loss;     // fp32 scalar
  at::Tensor correct;  // int64 scalar
};

}  // namespace cram::ops
