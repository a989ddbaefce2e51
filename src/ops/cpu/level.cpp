#include "level.h"

#include <initializer_list>

namespace cram::ops::cpu {

bool available(Level level) {
#ifdef __x86_64__
  // The compiler's run-time check includes that the system saves the wide registers.
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  switch (level) {
    case Level::kBaseline:
      return true;
    case Level::kAvx2:
      return avx2;
    case Level::kAvx512:
      return avx512;
    case Level::kAvx512Bf16:
      return avx512 && __builtin_cpu_supports("avx512bf16");
  }
  return false;
#else
  return level == Level::kBaseline;
#endif
}

Level best_level() {
  static const Level best = [] {
    for (const auto level : {Level::kAvx512Bf16, Level::kAvx512, Level::kAvx2}) {
      if (available(level)) return level;
    }
    return Level::kBaseline;
  }();
  return best;
}

}  // namespace cram::ops::cpu
