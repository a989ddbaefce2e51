// What the kernels share: elements, vectors of them, sums over warps and blocks.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "cram/cuda/kernels.h"

namespace cram::cuda {

inline constexpr int kWarp = 32;

__device__ inline float to_float(float x) { return x; }
__device__ inline float to_float(__half x) { return __half2float(x); }
__device__ inline float to_float(__nv_bfloat16 x) { return __bfloat162float(x); }

template <typename T>
__device__ T from_float(float x);
template <>
__device__ inline float from_float<float>(float x) {
  return x;
}
template <>
__device__ inline __half from_float<__half>(float x) {
  return __float2half_rn(x);
}
template <>
__device__ inline __nv_bfloat16 from_float<__nv_bfloat16>(float x) {
  return __float2bfloat16_rn(x);
}

// kVector neighbours as floats; in memory aligned to 16 bytes.
template <typename T>
struct Vector {
  struct alignas(16) Packed {
    T x[kVector];
  };
  float x[kVector];

  __device__ static Vector load(const T* from) {
    const Packed packed = *reinterpret_cast<const Packed*>(from);
    Vector v;
#pragma unroll
    for (int i = 0; i < kVector; ++i) v.x[i] = to_float(packed.x[i]);
    return v;
  }

  __device__ void store(T* to) const {
    Packed packed;
#pragma unroll
    for (int i = 0; i < kVector; ++i) packed.x[i] = from_float<T>(x[i]);
    *reinterpret_cast<Packed*>(to) = packed;
  }
};

// A value as it is once it has been in memory.
template <typename T>
__device__ inline float rounded(float x) {
  return to_float(from_float<T>(x));
}

__device__ inline float warp_sum(float x) {
#pragma unroll
  for (int other = kWarp / 2; other > 0; other /= 2) x += __shfl_xor_sync(0xffffffffu, x, other);
  return x;
}

// f<T>() with the type of the elements.
template <typename F>
void with_element(Element element, const F& f) {
  switch (element) {
    case Element::kFloat:
      return f.template operator()<float>();
    case Element::kHalf:
      return f.template operator()<__half>();
    case Element::kBFloat16:
      return f.template operator()<__nv_bfloat16>();
  }
}

inline unsigned blocks_for(std::int64_t items, std::int64_t per_block) {
  return static_cast<unsigned>((items + per_block - 1) / per_block);
}

// Throws where the kernel just launched could not be.
inline void check_launch(const char* kernel) {
  const cudaError_t error = cudaGetLastError();
  if (error == cudaSuccess) return;
  throw std::runtime_error(std::string("CUDA kernel ") + kernel + ": " + cudaGetErrorString(error));
}

inline cudaStream_t stream_of(Stream stream) { return static_cast<cudaStream_t>(stream); }

}  // namespace cram::cuda
