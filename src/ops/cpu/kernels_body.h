// All kernels of one level: included once by each source that is compiled for other instructions.
#pragma once

#include "activation_body.h"
#include "adam_body.h"
#include "attention_body.h"
#include "dropout_body.h"
#include "kernels.h"
#include "loss_body.h"
#include "muon_body.h"
#include "norm_body.h"
#include "pack_body.h"
#include "row_body.h"
#include "value_mix_body.h"

namespace cram::ops::cpu::CRAM_LEVEL {

template <typename T>
const Kernels<T>& table() {
  static constexpr Kernels<T> kTable{
      norm_kernels<T>(),      activation_kernels<T>(), row_kernels<T>(),     pack_kernels<T>(),
      attention_kernels<T>(), loss_kernels<T>(),       dropout_kernels<T>(), adam_kernels<T>(),
      muon_kernels<T>(),      value_mix_kernels<T>()};
  return kTable;
}

template const Kernels<float>& table();
template const Kernels<Bf16>& table();

}  // namespace cram::ops::cpu::CRAM_LEVEL
