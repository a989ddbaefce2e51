#pragma once

#include "dropout_hash.h"
#include "element.h"

namespace cram::ops::cpu {

template <typename T>
struct DropoutCall {
  const T* x;
  T* result;
  KeepRule rule;
};

template <typename T>
struct DropoutKernels {
  void (*drop)(const DropoutCall<T>&, Rows);
};

}  // namespace cram::ops::cpu
