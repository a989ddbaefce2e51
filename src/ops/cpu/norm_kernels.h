#pragma once

#include "dropout_hash.h"
#include "element.h"

namespace cram::ops::cpu {

template <typename T>
struct NormForward {
  const T* residual;  // or null
  const T* x;
  T* sum;  // residual + x; null without a residual
  T* normed;
  const float* gain;
  const float* bias;  // or null
  float* statistics;  // [rows, 2]: mean (0 if not centred) and 1 / deviation
  float epsilon;
  bool centred;
  KeepRule rule;  // of x, before it is added to a residual
};

template <typename T>
struct NormBackward {
  const T* x;
  const T* dnormed;
  const T* dsum;  // gradient that reaches x past the norm, or null
  T* dx;
  T* ddropped;  // gradient of what x is the sum of and `rule` was applied to, or null
  const float* gain;
  const float* statistics;
  float* dgain;  // [width], added to
  float* dbias;  // [width], added to, or null
  bool centred;
  KeepRule rule;
};

template <typename T>
struct NormKernels {
  void (*forward)(const NormForward<T>&, Rows);
  void (*backward)(const NormBackward<T>&, Rows);
};

}  // namespace cram::ops::cpu
