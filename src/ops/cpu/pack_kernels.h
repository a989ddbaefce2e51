#pragma once

#include "element.h"

namespace cram::ops::cpu {

// Copies of matrices in the forms that products want them. `Size` is that of the source.
template <typename T>
struct PackKernels {
  // src as a right operand [rows, columns].
  void (*rows)(Block<const T> src, Size, Block<T> dst);
  // The same with row i times scales[i].
  void (*scaled_rows)(Block<const T> src, Size, const float* scales, Block<T> dst);
  // The transpose of src as a right operand [columns, rows]; columns is a multiple of kGroup.
  void (*columns)(Block<const T> src, Size, Block<T> dst);
  // The transpose of src as a left operand [columns, rows]. Where rows is odd and kGroup is 2, a
  // column of zeros follows.
  void (*transposed)(Block<const T> src, Size, Block<T> dst);
  // A product's rows in the element type, each times scales[i] (if not null), plus bias[columns]
  // (if not null).
  void (*narrow)(Block<const float> src, Size, Block<T> dst, const float* scales,
                 const float* bias);
};

}  // namespace cram::ops::cpu
