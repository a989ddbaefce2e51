// Which of our own CPU kernels the operations use: the same source compiled for several sets of
// instructions, chosen when the program runs, or none.
//
// Set before the first step of a run and not during one; the same for the whole process, as are
// ATen's own kernels.
#pragma once

#include <array>

namespace cram::ops {

enum class CpuLevel {
  kNone,  // ATen's kernels alone: the same functions, slower, to compare with
  kBaseline,
  kAvx2,
  kAvx512,
  kAvx512Bf16,
};
inline constexpr std::array kCpuLevels = {CpuLevel::kNone, CpuLevel::kBaseline, CpuLevel::kAvx2,
                                          CpuLevel::kAvx512, CpuLevel::kAvx512Bf16};
[[nodiscard]] const char* name(CpuLevel level);

// Whether this program was built with the level and this CPU and its system can run it.
[[nodiscard]] bool available(CpuLevel level);

// The highest available level, which is in use from the start.
[[nodiscard]] CpuLevel best_cpu_level();

// Throws Error{kInternal} where the level is not available.
void use_cpu_level(CpuLevel level);
[[nodiscard]] CpuLevel cpu_level();

}  // namespace cram::ops
