#include "dropout.h"

#include <cmath>
#include <limits>

#include <ATen/ops/empty_like.h>

#include "kernels.h"
#include "parallel.h"

namespace cram::ops::cpu {
KeepRule keep_rule(const DropoutMask& mask) {
  if (mask.p == 0) return {};
  const double hashes = std::ldexp(1.0, 32), least = -std::ldexp(1.0, 31);
  const double limit = std::round((1 - mask.p) * hashes) + least;
  const double most = std::numeric_limits<std::int32_t>::max();
  return {.drops = true,
          .seed = mask.seed,
          .limit = static_cast<std::int32_t>(std::min(limit, most)),
          .scale = static_cast<float>(1 / (1 - mask.p))};
}

at::Tensor drop(const at::Tensor& x, const DropoutMask& mask) {
  const at::Tensor result = at::empty_like(x);
  if (x.numel() == 0) return result;
  const auto width = x.dim() == 0 ? 1 : x.size(-1);
  const auto rows_a_part = std::max<std::int64_t>(1, kElementsAPart / width);
  with_element(x, [&]<typename T>() {
    const DropoutCall<T> call{data<T>(x), data<T>(result), keep_rule(mask)};
    for_ranges(x.numel() / width, rows_a_part, [&](std::int64_t begin, std::int64_t end) {
      kernels<T>().dropout.drop(call, {begin, end, width});
    });
  });
  return result;
}

}  // namespace cram::ops::cpu
