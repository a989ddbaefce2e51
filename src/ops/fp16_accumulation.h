// Whether cuBLAS may add products of fp16 matrices up in fp16, which GeForce cards do at twice the
// rate of fp32 (NVIDIA's figures), with fewer digits and sums of at most 65,504. LibTorch knows it
// as a setting of the process; here it lasts for a scope.
#pragma once

#include <ATen/Context.h>

namespace cram::ops {

class Fp16Accumulation {
 public:
  explicit Fp16Accumulation(bool allowed)
      : before_(at::globalContext().allowFP16AccumulationCuBLAS()) {
    at::globalContext().setAllowFP16AccumulationCuBLAS(allowed);
  }
  ~Fp16Accumulation() { at::globalContext().setAllowFP16AccumulationCuBLAS(before_); }
  Fp16Accumulation(const Fp16Accumulation&) = delete;
  Fp16Accumulation& operator=(const Fp16Accumulation&) = delete;

 private:
  bool before_;
};

}  // namespace cram::ops
