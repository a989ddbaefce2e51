#pragma once

#include <cstring>

#include "value_mix_kernels.h"
#include "vector.h"

namespace cram::ops::cpu::CRAM_LEVEL {

template <typename T>
static void mix_values(const ValueMix<T>& call, Size size, Block<T> mixed) {
  const auto before = 2 * size.columns;  // queries and keys
  for (std::int64_t r = 0; r < size.rows; ++r) {
    const T* values = call.qkv.row(r) + before;
    std::memcpy(mixed.row(r), call.qkv.row(r), static_cast<std::size_t>(before) * sizeof(T));
    for_vectors(size.columns, [&](std::int64_t i, auto extent) {
      const Floats own = load(values + i, extent);
      const Floats first = load(call.first.row(r) + i, extent);
      store(mixed.row(r) + before + i, own + call.share * (first - own), extent);
    });
  }
}

template <typename T>
static double mix_values_backward(const ValueMix<T>& call, Size size,
                                  const ValueMixGradients<T>& gradients) {
  const auto before = 2 * size.columns;
  double along = 0;
  for (std::int64_t r = 0; r < size.rows; ++r) {
    const T *values = call.qkv.row(r) + before, *dmixed = gradients.dmixed.row(r) + before;
    T* dqkv = gradients.dqkv.row(r);
    std::memcpy(dqkv, gradients.dmixed.row(r), static_cast<std::size_t>(before) * sizeof(T));
    Floats total{};
    for_vectors(size.columns, [&](std::int64_t i, auto extent) {
      const Floats d = load(dmixed + i, extent);
      total += d * (load(call.first.row(r) + i, extent) - load(values + i, extent));
      store(dqkv + before + i, d * (1.0f - call.share), extent);
      store(gradients.dfirst.row(r) + i, d * call.share, extent);
    });
    along += static_cast<double>(sum(total));
  }
  return along;
}

template <typename T>
constexpr ValueMixKernels<T> value_mix_kernels() {
  return {mix_values<T>, mix_values_backward<T>};
}

}  // namespace cram::ops::cpu::CRAM_LEVEL
