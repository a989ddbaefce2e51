// The value residual on the CPU, in one pass over memory each way.
#pragma once

#include "tensors.h"

namespace cram::ops::cpu {

// qkv [B, S, 3H] with the values v + share*(first - v); qkv dense, `first` [B, S, H] perhaps a part
// of another such tensor.
[[nodiscard]] at::Tensor mix_values(const at::Tensor& qkv, const at::Tensor& first, float share);

struct ValueMixResult {
  at::Tensor dqkv, dfirst;
  double dshare;
};

[[nodiscard]] ValueMixResult mix_values_backward(const at::Tensor& qkv, const at::Tensor& first,
                                                 float share, const at::Tensor& dmixed);

}  // namespace cram::ops::cpu
