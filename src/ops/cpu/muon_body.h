#pragma once

#include "muon_kernels.h"
#include "vector_math.h"

namespace cram::ops::cpu::CRAM_LEVEL {

static void muon_direction(const MuonDirection& call, std::int64_t begin, std::int64_t end) {
  for_vectors(end - begin, [&](std::int64_t offset, auto extent) {
    const std::int64_t i = begin + offset;
    const Floats grad = load(call.grad + i, extent) * call.gradient_factor;
    Floats momentum = load(call.momentum + i, extent);
    momentum += (grad - momentum) * call.memory_rest;
    store(call.momentum + i, momentum, extent);
    store(call.direction + i, grad + (momentum - grad) * call.memory, extent);
    store(call.grad + i, Floats{}, extent);
  });
}

template <typename T>
static void muon_move(const MuonMove<T>& call, std::int64_t begin, std::int64_t end) {
  for_vectors(end - begin, [&](std::int64_t offset, auto extent) {
    const std::int64_t i = begin + offset;
    const Floats weight =
        load(call.master + i, extent) * call.keep - load(call.step + i, extent) * call.rate;
    store(call.master + i, weight, extent);
    if (call.copy != nullptr) store(call.copy + i, weight, extent);
  });
}

template <typename T>
constexpr MuonKernels<T> muon_kernels() {
  return {muon_direction, muon_move<T>};
}

}  // namespace cram::ops::cpu::CRAM_LEVEL
