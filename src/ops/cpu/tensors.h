// Between ATen's tensors and the kernels' pointers.
#pragma once

#include <type_traits>

#include <ATen/core/Tensor.h>

#include "cram/ops/cpu_kernels.h"

#include "element.h"

namespace cram::ops::cpu {

// Whether kernels of ours take the tensor: fp32 and bf16 on the CPU, unless ATen's are in use.
[[nodiscard]] inline bool handles(const at::Tensor& x) {
  return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) &&
         cpu_level() != CpuLevel::kNone;
}

template <typename T>
inline constexpr at::ScalarType kScalarType = std::is_same_v<T, Bf16> ? at::kBFloat16 : at::kFloat;

// The memory of a dense tensor whose type has been looked at.
template <typename T>
[[nodiscard]] T* data(const at::Tensor& x) {
  return static_cast<T*>(x.data_ptr());
}

// null for an undefined tensor.
template <typename T>
[[nodiscard]] T* data_or_null(const at::Tensor& x) {
  return x.defined() ? data<T>(x) : nullptr;
}

// f<T>() with the element type of a tensor that is handled.
template <typename F>
decltype(auto) with_element(const at::Tensor& x, const F& f) {
  if (x.scalar_type() == at::kFloat) return f.template operator()<float>();
  return f.template operator()<Bf16>();
}

}  // namespace cram::ops::cpu
