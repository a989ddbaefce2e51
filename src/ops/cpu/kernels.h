// The CPU kernels: one table of functions for each element type and level. A kernel works on the
// rows that it is told, on the calling thread. Statistics, gains, biases and the gradients of
// weights are fp32 whatever the element type.
#pragma once

#include "cram/ops/cpu_kernels.h"

#include "activation_kernels.h"
#include "adam_kernels.h"
#include "attention_kernels.h"
#include "dropout_kernels.h"
#include "loss_kernels.h"
#include "muon_kernels.h"
#include "norm_kernels.h"
#include "pack_kernels.h"
#include "row_kernels.h"
#include "value_mix_kernels.h"

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
  AdamKernels<T> adam;
  MuonKernels<T> muon;
  ValueMixKernels<T> value_mix;
};

// T: float or Bf16. Not for kNone.
template <typename T>
[[nodiscard]] const Kernels<T>& kernels(CpuLevel level = cpu_level());

}  // namespace cram::ops::cpu
