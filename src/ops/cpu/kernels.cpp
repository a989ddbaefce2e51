#include "kernels.h"

namespace cram::ops::cpu {

namespace baseline {
template <typename T>
const Kernels<T>& table();
}

#ifdef __x86_64__
namespace avx2 {
template <typename T>
const Kernels<T>& table();
}
namespace avx512 {
template <typename T>
const Kernels<T>& table();
}
namespace avx512_bf16 {
template <typename T>
const Kernels<T>& table();
}
#endif

template <typename T>
const Kernels<T>& kernels(CpuLevel level) {
#ifdef __x86_64__
  switch (level) {
    case CpuLevel::kAvx512Bf16:
      return avx512_bf16::table<T>();
    case CpuLevel::kAvx512:
      return avx512::table<T>();
    case CpuLevel::kAvx2:
      return avx2::table<T>();
    case CpuLevel::kBaseline:
    case CpuLevel::kNone:
      break;
  }
#else
  static_cast<void>(level);
#endif
  return baseline::table<T>();
}

template const Kernels<float>& kernels(CpuLevel);
template const Kernels<Bf16>& kernels(CpuLevel);

}  // namespace cram::ops::cpu
