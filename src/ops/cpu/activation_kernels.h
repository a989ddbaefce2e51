#pragma once

#include "cram/ops/activation_kind.h"

#include "element.h"

namespace cram::ops::cpu {

// x -> y, and x, dy -> dx; rows of x and dx are twice as wide where gated.
template <typename T>
struct ActivationCall {
  ActivationKind kind;
  const T* x;
  const T* dy;
  T* result;
};

template <typename T>
struct ActivationKernels {
  void (*forward)(const ActivationCall<T>&, Rows);
  void (*backward)(const ActivationCall<T>&, Rows);
  void (*gated_forward)(const ActivationCall<T>&, Rows);
  void (*gated_backward)(const ActivationCall<T>&, Rows);
};

}  // namespace cram::ops::cpu
