#pragma once

#include "adam_kernels.h"
#include "vector_math.h"

namespace cram::ops::cpu::CRAM_LEVEL {

template <typename T, typename Extent>
CRAM_INLINE void adam_vector(const AdamCall<T>& call, std::int64_t i, Extent extent) {
  Floats weight = load(call.master + i, extent);
  const Floats grad =
      load(call.grad + i, extent) * call.gradient_factor + weight * call.coupled_decay;
  Floats first = load(call.exp_avg + i, extent);
  Floats second = load(call.exp_avg_sq + i, extent);
  first += (grad - first) * call.beta1_rest;
  second = second * call.beta2 + grad * grad * call.beta2_rest;
  const Floats root = square_root(second) * call.second_factor + call.epsilon;
  weight = weight * call.keep - call.rate * first / root;
  store(call.master + i, weight, extent);
  store(call.exp_avg + i, first, extent);
  store(call.exp_avg_sq + i, second, extent);
  store(call.grad + i, Floats{}, extent);
  if (call.copy != nullptr) store(call.copy + i, weight, extent);
}

template <typename T>
static void adam_step(const AdamCall<T>& call, std::int64_t begin, std::int64_t end) {
  for_vectors(end - begin,
              [&](std::int64_t i, auto extent) { adam_vector(call, begin + i, extent); });
}

template <typename T>
constexpr AdamKernels<T> adam_kernels() {
  return {adam_step<T>};
}

}  // namespace cram::ops::cpu::CRAM_LEVEL
