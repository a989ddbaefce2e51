// Products of blocks that fit the caches, on the calling thread: oneDNN's small kernels, which ATen
// opens up and which use the CPU's matrix units where it has some. Operands may be bf16; products
// are fp32.
#pragma once

#include "element.h"

namespace cram::ops::cpu {

// Whether products of this type work here, found out by trying: bf16 needs AVX-512 with bf16 at
// least.
template <typename T>
[[nodiscard]] bool has_block_products();

// [rows, depth] times [depth, columns]; depth is a multiple of kGroup.
struct ProductSize {
  std::int64_t rows, columns, depth;
};

enum class Into { kOverwrite, kAdd };

// c = a b or c += a b; b is stored as a right operand (see kGroup).
template <typename T>
void multiply(ProductSize size, Block<const T> a, Block<const T> b, Block<float> c, Into into);

// Every thread that multiplies keeps one of these meanwhile: matrix units have state that other
// code must find released.
class ProductScope {
 public:
  ProductScope() = default;
  ProductScope(const ProductScope&) = delete;
  ProductScope& operator=(const ProductScope&) = delete;
  ~ProductScope();
};

}  // namespace cram::ops::cpu
