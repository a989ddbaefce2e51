#pragma once

#include "element.h"

namespace cram::ops::cpu {

// Rows of queries, keys and values side by side, and the values of the first layer.
template <typename T>
struct ValueMix {
  Block<const T> qkv;    // [rows, 3 * width]
  Block<const T> first;  // [rows, width]
  float share;           // of the first layer's
};

// The gradient of what was mixed, and what becomes of it.
template <typename T>
struct ValueMixGradients {
  Block<const T> dmixed;
  Block<T> dqkv, dfirst;
};

// `Size` is that of `first`.
template <typename T>
struct ValueMixKernels {
  void (*forward)(const ValueMix<T>&, Size, Block<T> mixed);
  // Returns the gradient of the share.
  double (*backward)(const ValueMix<T>&, Size, const ValueMixGradients<T>&);
};

}  // namespace cram::ops::cpu
