// Between ATen's tensors and the plug-in's kernels.
#pragma once

#include <type_traits>

#include <ATen/core/Tensor.h>

#include "cram/ops/gpu_kernels.h"

namespace cram::ops::gpu {

// For one call of this kernel, which is counted.
[[nodiscard]] const cuda::Kernels& kernels_of(GpuKernel kernel);

// Whether the kernel is in use and knows the tensor's type and device.
[[nodiscard]] bool handles(GpuKernel kernel, const at::Tensor& x);

[[nodiscard]] cuda::Element element(const at::Tensor& x);
[[nodiscard]] cuda::Stream stream(const at::Tensor& x);

[[nodiscard]] void* aligned(void* address);

// The memory of a dense tensor, or null for an undefined one. Of elements that kernels move in
// vectors (void) it must be aligned to them.
template <typename T = void>
[[nodiscard]] T* data(const at::Tensor& x) {
  if (!x.defined()) return nullptr;
  if constexpr (std::is_void_v<T>) return aligned(x.data_ptr());
  return static_cast<T*>(x.data_ptr());
}

}  // namespace cram::ops::gpu
