// Activation recomputation (Chen et al. 2016, arXiv 1604.06174): a part of a model that keeps its
// inputs alone and runs a second time in the backward pass. Memory is paid for with time.
#pragma once

#include <functional>
#include <vector>

#include <ATen/core/Tensor.h>

namespace cram::ops {

using TensorFunction = std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>&)>;

// What `function` returns for `inputs`, and the same gradients up to the order in which those of an
// input that is used several times are added up. Only the inputs stay in memory until the backward
// pass, which calls it again with other tensors of the same values. So it makes what it returns
// from its inputs, all on one device, and from weights, and outlives the graph with all that it
// refers to. Inputs and what is returned may be undefined; what is returned may repeat or be an
// input. `random`: it draws from ATen's generator of that device, which then repeats itself; not
// within a CUDA graph. Where no input has a gradient, it is called and that is all.
[[nodiscard]] std::vector<at::Tensor> recompute(TensorFunction function,
                                                const std::vector<at::Tensor>& inputs,
                                                bool random = false);

}  // namespace cram::ops
