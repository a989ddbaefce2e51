#include "value_mix.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include <ATen/ops/empty.h>

#include "kernels.h"
#include "parallel.h"

namespace cram::ops::cpu {
namespace {

// The rows of a tensor from one on; its last dimension is dense, and they lie evenly.
template <typename T>
Block<T> rows_from(const at::Tensor& x, std::int64_t row) {
  const auto stride = x.is_contiguous() ? x.size(2) : x.stride(1);  // that of a single row is any
  return {data<T>(x) + row * stride, stride};
}

at::Tensor with_even_rows(const at::Tensor& x) {
  const bool even = x.stride(2) == 1 && x.stride(0) == x.size(1) * x.stride(1);
  return even || x.is_contiguous() ? x : x.contiguous();
}

std::int64_t parts_of(const at::Tensor& first) {
  return part_count(first.size(0) * first.size(1),
                    kElementsAPart / std::max<std::int64_t>(1, first.size(2)));
}

template <typename T>
ValueMix<T> call_from(const at::Tensor& qkv, const at::Tensor& first, float share,
                      std::int64_t row) {
  return {constant(rows_from<T>(qkv, row)), constant(rows_from<T>(first, row)), share};
}

}  // namespace

at::Tensor mix_values(const at::Tensor& qkv, const at::Tensor& first, float share) {
  const at::Tensor mixed = at::empty(qkv.sizes(), qkv.options()), rows = with_even_rows(first);
  const auto parts = parts_of(first), count = first.size(0) * first.size(1);
  with_element(qkv, [&]<typename T>() {
    for_parts(parts, [&](std::int64_t part) {
      const auto range = part_range(count, part, parts);
      kernels<T>().value_mix.forward(call_from<T>(qkv, rows, share, range.begin),
                                     {range.end - range.begin, first.size(2)},
                                     rows_from<T>(mixed, range.begin));
    });
  });
  return mixed;
}

ValueMixResult mix_values_backward(const at::Tensor& qkv, const at::Tensor& first, float share,
                                   const at::Tensor& dmixed) {
  const at::Tensor rows = with_even_rows(first);
  ValueMixResult result{at::empty(qkv.sizes(), qkv.options()),
                        at::empty(first.sizes(), qkv.options()), 0};
  const auto parts = parts_of(first), count = first.size(0) * first.size(1);
  std::vector<double> shares(static_cast<std::size_t>(parts));
  with_element(qkv, [&]<typename T>() {
    for_parts(parts, [&](std::int64_t part) {
      const auto range = part_range(count, part, parts);
      shares[static_cast<std::size_t>(part)] = kernels<T>().value_mix.backward(
          call_from<T>(qkv, rows, share, range.begin), {range.end - range.begin, first.size(2)},
          {constant(rows_from<T>(dmixed, range.begin)), rows_from<T>(result.dqkv, range.begin),
           rows_from<T>(result.dfirst, range.begin)});
    });
  });
  result.dshare = std::accumulate(shares.begin(), shares.end(), 0.0);
  return result;
}

}  // namespace cram::ops::cpu
