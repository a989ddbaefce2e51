#include "block_product.h"

#include <exception>
#include <type_traits>

#include <ATen/native/CPUBlas.h>

namespace cram::ops::cpu {
namespace {

template <typename T>
using AtenType = std::conditional_t<std::is_same_v<T, Bf16>, at::BFloat16, float>;

template <typename T>
bool try_product() {
  constexpr int kSize = 16;
  const T one = [] {
    if constexpr (std::is_same_v<T, Bf16>) {
      return Bf16{0x3f80};
    } else {
      return 1.0f;
    }
  }();
  T a[kSize * kSize] = {}, b[kSize * kSize];
  float c[kSize * kSize] = {};
  a[0] = a[1] = one;
  for (auto& x : b) x = one;
  try {
    const ProductScope scope;
    multiply<T>({kSize, kSize, kSize}, {a, kSize}, {b, kSize}, {c, kSize}, Into::kAdd);
  } catch (const std::exception&) {
    return false;
  }
  return c[0] == 2.0f && c[kSize - 1] == 2.0f && c[kSize] == 0.0f;
}

}  // namespace

template <typename T>
bool has_block_products() {
  static const bool works = try_product<T>();
  return works;
}

template <typename T>
void multiply(ProductSize size, Block<const T> a, Block<const T> b, Block<float> c, Into into) {
  at::native::cpublas::brgemm(size.rows, size.columns, size.depth, a.stride, b.stride, c.stride,
                              into == Into::kAdd, reinterpret_cast<const AtenType<T>*>(a.data),
                              reinterpret_cast<const AtenType<T>*>(b.data), c.data,
                              /*is_vnni=*/kGroup<T> == 2);
}

ProductScope::~ProductScope() { at::native::cpublas::brgemm_release(); }

template bool has_block_products<float>();
template bool has_block_products<Bf16>();
template void multiply(ProductSize, Block<const float>, Block<const float>, Block<float>, Into);
template void multiply(ProductSize, Block<const Bf16>, Block<const Bf16>, Block<float>, Into);

}  // namespace cram::ops::cpu
