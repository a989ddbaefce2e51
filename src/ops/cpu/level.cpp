#include <algorithm>
#include <atomic>
#include <string>

#include "cram/base/error.h"
#include "cram/ops/cpu_kernels.h"

namespace cram::ops {
namespace {

std::atomic<CpuLevel>& in_use() {
  static std::atomic<CpuLevel> level{best_cpu_level()};
  return level;
}

// The compiler's run-time checks include that the system saves the wide registers.
#ifdef __x86_64__
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
bool has_avx512_bf16() { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }
#else
bool has_avx2() { return false; }
bool has_avx512() { return false; }
bool has_avx512_bf16() { return false; }
#endif

}  // namespace

const char* name(CpuLevel level) {
  switch (level) {
    case CpuLevel::kNone:
      return "none";
    case CpuLevel::kBaseline:
      return "baseline";
    case CpuLevel::kAvx2:
      return "avx2";
    case CpuLevel::kAvx512:
      return "avx512";
    case CpuLevel::kAvx512Bf16:
      return "avx512-bf16";
  }
  return "";
}

bool available(CpuLevel level) {
  switch (level) {
    case CpuLevel::kNone:
    case CpuLevel::kBaseline:
      return true;
    case CpuLevel::kAvx2:
      return has_avx2();
    case CpuLevel::kAvx512:
      return has_avx512();
    case CpuLevel::kAvx512Bf16:
      return has_avx512_bf16();
  }
  return false;
}

CpuLevel best_cpu_level() {
  static const CpuLevel best = *std::find_if(kCpuLevels.rbegin(), kCpuLevels.rend(),
                                             [](CpuLevel level) { return available(level); });
  return best;
}

void use_cpu_level(CpuLevel level) {
  if (!available(level)) {
    throw Error(ErrorCode::kInternal,
                std::string("this CPU cannot run the kernels for ") + name(level));
  }
  in_use() = level;
}

CpuLevel cpu_level() { return in_use().load(std::memory_order_relaxed); }

}  // namespace cram::ops
