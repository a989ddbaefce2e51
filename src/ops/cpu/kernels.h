// The CPU kernels: one table of functions for each element type and level. A kernel works on the
// rows that it is told, on the calling thread. Statistics, gains, biases and the gradients of
// weights are fp32 whatever the element type.
#pragma once

#include "activation_kernels.h"
#include "attention_kernels.h"
#include "dropout_kernels.h"
#include "level.h"
#include "loss_kernels.h"
#include "norm_kernels.h"
#include "pack_kernels.h"
#include "row_kernels.h"

namespace cram::ops::cpu {

template <typename T>
struct Kernels {
  NormKernels<T> norm;
  ActivationKernels<T> activation;
  RowKernels<T> rows;
  PackKernels<T> pack;
  AttentionKernels<T> attention;
  LossKernels<T> loss;
  DropoutKernels<T> dropout;
};

// T: float or Bf16.
template <typename T>
[[nodiscard]] const Kernels<T>& kernels(Level level = best_level());

}  // namespace cram::ops::cpu
