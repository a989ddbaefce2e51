// Queries, keys and values of attention on a GPU.
#pragma once

#include "cram/ops/functions.h"
#include "cram/ops/reference.h"

namespace cram::ops::gpu {

[[nodiscard]] bool places(const at::Tensor& qkv, const Attention& options);

// As reference::split_heads, differentiable; the gradients of the three are put together in one
// pass.
[[nodiscard]] reference::HeadTensors place_heads(const at::Tensor& qkv, const Attention& options);

}  // namespace cram::ops::gpu
