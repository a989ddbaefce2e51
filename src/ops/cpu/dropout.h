// Dropout on the CPU; tensors are dense and handled.
#pragma once

#include "cram/ops/dropout_mask.h"

#include "dropout_hash.h"
#include "tensors.h"

namespace cram::ops::cpu {

[[nodiscard]] KeepRule keep_rule(const DropoutMask& mask);

// Elements that the mask keeps, times 1 / (1 - p); rows are those of the last dimension. Forward
// and backward.
[[nodiscard]] at::Tensor drop(const at::Tensor& x, const DropoutMask& mask);

}  // namespace cram::ops::cpu
