// Between ATen's tensors and the plug-in's kernels.
#pragma once

#include <ATen/core/Tensor.h>

#include "cram/ops/gpu_kernels.h"

namespace cram::ops::gpu {

[[nodiscard]] const cuda::Kernels& kernels();

// Whether the kernel is in use and knows the tensor's type and device.
[[nodiscard]] bool handles(GpuKernel kernel, const at::Tensor& x);

[[nodiscard]] cuda::Element element(const at::Tensor& x);
[[nodiscard]] cuda::Stream stream(const at::Tensor& x);

// The memory of a dense tensor, or null for an undefined one.
template <typename T = void>
[[nodiscard]] T* data(const at::Tensor& x) {
  return x.defined() ? static_cast<T*>(x.data_ptr()) : nullptr;
}

}  // namespace cram::ops::gpu
