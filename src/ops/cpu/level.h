// Which instructions the CPU kernels may use: the same source compiled several times, chosen when
// the program runs.
#pragma once

namespace cram::ops::cpu {

enum class Level { kBaseline, kAvx2, kAvx512, kAvx512Bf16 };

// Whether this program was built with the level and this CPU and its system can run it.
[[nodiscard]] bool available(Level level);

// The highest available level.
[[nodiscard]] Level best_level();

}  // namespace cram::ops::cpu
