// CPU kernels of another level, or none of ours, for a while.
#pragma once

#include "cram/ops/cpu_kernels.h"

namespace cram::test {

class WithCpuLevel {
 public:
  explicit WithCpuLevel(ops::CpuLevel level) { ops::use_cpu_level(level); }
  ~WithCpuLevel() { ops::use_cpu_level(before_); }
  WithCpuLevel(const WithCpuLevel&) = delete;
  WithCpuLevel& operator=(const WithCpuLevel&) = delete;

 private:
  ops::CpuLevel before_ = ops::cpu_level();
};

}  // namespace cram::test
