#pragma once

#include "element.h"

namespace cram::ops::cpu {

template <typename T>
struct RowKernels {
  // sums[width] += the sum of the rows.
  void (*column_sums)(const T* x, float* sums, Rows);
  // sum[0..n) += row[0..n).
  void (*add_to_float)(const T* row, float* sum, std::int64_t n);
  void (*add)(const T* row, T* sum, std::int64_t n);
  // y[0..n) = own*y + other*x.
  void (*blend)(float own, T* y, float other, const T* x, std::int64_t n);
};

}  // namespace cram::ops::cpu
