#pragma once

#include "dropout_body.h"
#include "norm_kernels.h"
#include "vector.h"

namespace cram::ops::cpu::CRAM_LEVEL {

// The row to be normalised: x itself, or residual + what dropout leaves of x, rounded and stored.
template <typename T>
CRAM_INLINE const T* norm_input(const NormForward<T>& call, std::int64_t row, std::int64_t width) {
  const T* x = call.x + row * width;
  if (call.residual == nullptr) return x;
  const T* residual = call.residual + row * width;
  T* sum = call.sum + row * width;
  if (!call.rule.drops) {
    for_vectors(width, [&](std::int64_t i, auto extent) {
      store(sum + i, load(residual + i, extent) + load(x + i, extent), extent);
    });
    return sum;
  }
  const RowKeys keys = one_row(call.rule, row);
  for_vectors(width, [&](std::int64_t i, auto extent) {
    const Floats kept = keep(load(x + i, extent), call.rule, keys, count_from(i));
    store(sum + i, load(residual + i, extent) + kept * call.rule.scale, extent);
  });
  return sum;
}

template <typename T>
CRAM_INLINE float row_mean(const T* x, std::int64_t width) {
  Floats total{};
  for_vectors(width, [&](std::int64_t i, auto extent) { total += load(x + i, extent); });
  return sum(total) / static_cast<float>(width);
}

template <typename T>
CRAM_INLINE float row_variance(const T* x, float mean, std::int64_t width) {
  Floats total{};
  for_vectors(width, [&](std::int64_t i, auto extent) {
    const Floats centred = inside(load(x + i, extent) - mean, extent);
    total += centred * centred;
  });
  return sum(total) / static_cast<float>(width);
}

template <typename T>
static void norm_forward(const NormForward<T>& call, Rows rows) {
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    const T* x = norm_input(call, row, rows.width);
    const float mean = call.centred ? row_mean(x, rows.width) : 0.0f;
    const float variance = row_variance(x, mean, rows.width);
    const float scale = 1.0f / __builtin_sqrtf(variance + call.epsilon);
    call.statistics[2 * row] = mean;
    call.statistics[2 * row + 1] = scale;
    T* y = call.normed + row * rows.width;
    for_vectors(rows.width, [&](std::int64_t i, auto extent) {
      const Floats normed = (load(x + i, extent) - mean) * scale * load(call.gain + i, extent);
      const Floats bias = call.bias == nullptr ? Floats{} : load(call.bias + i, extent);
      store(y + i, normed + bias, extent);
    });
  }
}

// Writes the gradient of a row; where dropout came before, also what of it goes on through the
// mask.
template <typename T, typename Gradient>
CRAM_INLINE void write_gradient(const NormBackward<T>& call, std::int64_t row, std::int64_t width,
                                const Gradient& gradient) {
  T* dx = call.dx + row * width;
  if (call.ddropped == nullptr) {
    for_vectors(width,
                [&](std::int64_t i, auto extent) { store(dx + i, gradient(i, extent), extent); });
    return;
  }
  T* ddropped = call.ddropped + row * width;
  const RowKeys keys = one_row(call.rule, row);
  for_vectors(width, [&](std::int64_t i, auto extent) {
    const Floats d = gradient(i, extent);
    store(dx + i, d, extent);
    store(ddropped + i, keep(d, call.rule, keys, count_from(i)) * call.rule.scale, extent);
  });
}

// Per row, with g = dy * gain and n the normalised x: dx = scale * (g - mean(g) - n * mean(g n)).
template <typename T>
static void norm_backward(const NormBackward<T>& call, Rows rows) {
  const float share = 1.0f / static_cast<float>(rows.width);
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    const T* x = call.x + row * rows.width;
    const T* dy = call.dnormed + row * rows.width;
    const float mean = call.statistics[2 * row], scale = call.statistics[2 * row + 1];
    Floats along{}, level{};
    for_vectors(rows.width, [&](std::int64_t i, auto extent) {
      const Floats d = load(dy + i, extent), normed = (load(x + i, extent) - mean) * scale;
      const Floats g = d * load(call.gain + i, extent);
      level += g;
      along += g * normed;
      store(call.dgain + i, load(call.dgain + i, extent) + d * normed, extent);
      if (call.dbias != nullptr) {
        store(call.dbias + i, load(call.dbias + i, extent) + d, extent);
      }
    });
    const float mean_along = sum(along) * share;
    const float mean_level = call.centred ? sum(level) * share : 0.0f;
    const T* dsum = call.dsum == nullptr ? nullptr : call.dsum + row * rows.width;
    write_gradient(call, row, rows.width, [&](std::int64_t i, auto extent) {
      const Floats normed = (load(x + i, extent) - mean) * scale;
      const Floats g = load(dy + i, extent) * load(call.gain + i, extent);
      const Floats direct = dsum == nullptr ? Floats{} : load(dsum + i, extent);
      return direct + scale * (g - mean_level - normed * mean_along);
    });
  }
}

template <typename T>
constexpr NormKernels<T> norm_kernels() {
  return {norm_forward<T>, norm_backward<T>};
}

}  // namespace cram::ops::cpu::CRAM_LEVEL
