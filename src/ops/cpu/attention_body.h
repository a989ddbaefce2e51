#pragma once

#include "attention_kernels.h"
#include "dropout_body.h"
#include "pack_body.h"
#include "vector_math.h"

namespace cram::ops::cpu::CRAM_LEVEL {

// 1 / rms of a row, or 1 where rows are not normalised.
template <typename T>
CRAM_INLINE float inverse_rms(const T* x, std::int64_t n, float epsilon) {
  if (epsilon <= 0) return 1.0f;
  Floats squares{};
  for_vectors(n, [&](std::int64_t i, auto extent) {
    const Floats v = load(x + i, extent);
    squares += v * v;
  });
  return 1.0f / __builtin_sqrtf(sum(squares) / static_cast<float>(n) + epsilon);
}

template <typename T>
static void place(Block<const T> src, Size size, const HeadPlacement& placement, Block<T> dst) {
  const std::int64_t half = size.columns / 2;
  for (std::int64_t r = 0; r < size.rows; ++r) {
    const T* x = src.row(r);
    T* y = dst.row(r);
    const float scale = inverse_rms(x, size.columns, placement.epsilon);
    if (placement.cos == nullptr) {
      for_vectors(size.columns, [&](std::int64_t i, auto extent) {
        store(y + i, load(x + i, extent) * scale, extent);
      });
      continue;
    }
    for_vectors(half, [&](std::int64_t i, auto extent) {
      const Floats cos = load(placement.cos + r * half + i, extent);
      const Floats sin = load(placement.sin + r * half + i, extent);
      const Floats a = load(x + i, extent) * scale, b = load(x + half + i, extent) * scale;
      store(y + i, a * cos - b * sin, extent);
      store(y + half + i, b * cos + a * sin, extent);
    });
  }
}

// Rotates a row of gradients back, in place.
CRAM_INLINE void rotate_back(float* d, std::int64_t row, std::int64_t half,
                             const HeadPlacement& placement) {
  for_vectors(half, [&](std::int64_t i, auto extent) {
    const Floats cos = load(placement.cos + row * half + i, extent);
    const Floats sin = load(placement.sin + row * half + i, extent);
    const Floats a = load(d + i, extent), b = load(d + half + i, extent);
    store(d + i, a * cos + b * sin, extent);
    store(d + half + i, b * cos - a * sin, extent);
  });
}

template <typename T>
static void place_backward(Block<const T> src, Size size, const HeadPlacement& placement,
                           Block<float> gradient, Block<T> dsrc) {
  for (std::int64_t r = 0; r < size.rows; ++r) {
    const T* x = src.row(r);
    float* d = gradient.row(r);
    T* dx = dsrc.row(r);
    if (placement.cos != nullptr) rotate_back(d, r, size.columns / 2, placement);
    const float scale = inverse_rms(x, size.columns, placement.epsilon);
    Floats along{};
    if (placement.epsilon > 0) {
      for_vectors(size.columns, [&](std::int64_t i, auto extent) {
        along += load(d + i, extent) * load(x + i, extent);
      });
    }
    const float pull = sum(along) * scale * scale / static_cast<float>(size.columns);
    for_vectors(size.columns, [&](std::int64_t i, auto extent) {
      store(dx + i, (load(d + i, extent) - load(x + i, extent) * pull) * scale, extent);
    });
  }
}

template <typename T>
static void softmax(const SoftmaxForward<T>& call, Size size) {
  for (std::int64_t r = 0; r < size.rows; ++r) {
    const float* scores = call.scores.row(r);
    T* weights = call.weights.row(r);
    Floats best = splat(-__builtin_inff());
    for_vectors(size.columns, [&](std::int64_t i, auto extent) {
      best = larger(best, inside(load(scores + i), extent, -__builtin_inff()));
    });
    const float shift = largest(best) * call.scale;
    const RowKeys keys = one_row(call.rule, call.first + r);
    Floats total{};
    for_vectors(size.columns, [&](std::int64_t i, auto extent) {
      const Floats e = inside(exponential(load(scores + i) * call.scale - shift), extent);
      total += e;
      store(weights + i, call.rule.drops ? keep(e, call.rule, keys, count_from(i)) : e);
    });
    const std::int64_t written = (size.columns + kLanes - 1) / kLanes * kLanes;
    for (std::int64_t i = written; i < call.weights.stride; ++i) weights[i] = T{};
    const float whole = sum(total);
    call.inverse_sums[r] = call.rule.scale / whole;
    call.log_sums[r] = shift + __builtin_logf(whole);
  }
}

// One vector of queries: the weights again and, per query, their sum with the gradients, of which
// dropout leaves its share.
template <typename T>
CRAM_INLINE Floats softmax_again(const SoftmaxBackward<T>& call, std::int64_t rows,
                                 std::int64_t column) {
  const Floats log_sum = load(call.log_sums + column);
  const RowKeys keys = rows_from(call.rule, call.first + column);
  Floats along{};
  for (std::int64_t r = 0; r < rows; ++r) {
    float* score = call.scores.row(r) + column;
    float* dweight = call.dweights.row(r) + column;
    const Floats weight = exponential(load(score) * call.scale - log_sum);
    store(score, weight);
    if (call.rule.drops) {
      const auto kept = [&](Floats x) {
        return keep(x, call.rule, keys, Words{} + static_cast<std::uint32_t>(r)) * call.rule.scale;
      };
      store(dweight, kept(load(dweight)));
      store(call.weights.row(r) + column, kept(weight));
    } else {
      store(call.weights.row(r) + column, weight);
    }
    along += weight * load(dweight);
  }
  return along;
}

template <typename T>
static void softmax_backward(const SoftmaxBackward<T>& call, Size size) {
  for (std::int64_t c = 0; c < size.columns; c += kLanes) {
    const Floats along = softmax_again(call, size.rows, c);
    const auto gradient = [&](std::int64_t r) {
      const Floats weight = load(call.scores.row(r) + c);
      return weight * (load(call.dweights.row(r) + c) - along) * call.scale;
    };
    for (std::int64_t r = 0; r < size.rows; r += kGroup<T>) {
      const Floats low = gradient(r);
      const bool both = kGroup<T> == 2 && r + 1 < size.rows;
      const Floats high = both ? gradient(r + 1) : Floats{};
      store(call.dscores.row(r) + c, low);
      if (both) store(call.dscores.row(r + 1) + c, high);
      store_bits(words(call.dscores_packed.row(r)) + c, pair(low, high, T{}), Whole{});
    }
  }
}

template <typename T>
constexpr AttentionKernels<T> attention_kernels() {
  return {place<T>, place_backward<T>, softmax<T>, softmax_backward<T>};
}

}  // namespace cram::ops::cpu::CRAM_LEVEL
