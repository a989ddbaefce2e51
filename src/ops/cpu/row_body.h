#pragma once

#include "row_kernels.h"
#include "vector.h"

namespace cram::ops::cpu::CRAM_LEVEL {

template <typename T, typename Sum>
static void add_row(const T* row, Sum* sum, std::int64_t n) {
  for_vectors(n, [&](std::int64_t i, auto extent) {
    store(sum + i, load(sum + i, extent) + load(row + i, extent), extent);
  });
}

template <typename T>
static void blend(float own, T* y, float other, const T* x, std::int64_t n) {
  for_vectors(n, [&](std::int64_t i, auto extent) {
    store(y + i, load(y + i, extent) * own + load(x + i, extent) * other, extent);
  });
}

// Four rows at a time: the sums are loaded and stored a quarter as often.
template <typename T>
static void column_sums(const T* x, float* sums, Rows rows) {
  const std::int64_t width = rows.width;
  std::int64_t row = rows.begin;
  for (; row + 4 <= rows.end; row += 4) {
    const T* first = x + row * width;
    for_vectors(width, [&](std::int64_t i, auto extent) {
      const Floats upper = load(first + i, extent) + load(first + width + i, extent);
      const Floats lower =
          load(first + 2 * width + i, extent) + load(first + 3 * width + i, extent);
      store(sums + i, load(sums + i, extent) + (upper + lower), extent);
    });
  }
  for (; row < rows.end; ++row) add_row(x + row * width, sums, width);
}

template <typename T>
constexpr RowKernels<T> row_kernels() {
  return {column_sums<T>, add_row<T, float>, add_row<T, T>, blend<T>};
}

}  // namespace cram::ops::cpu::CRAM_LEVEL
