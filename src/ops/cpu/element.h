// What CPU kernels work on: element types and pieces of matrices. Knows no torch.
#pragma once

#include <cstdint>

namespace cram::ops::cpu {

// A bf16 number; kernels do not know ATen's type.
struct Bf16 {
  std::uint16_t bits;
};

// Right operands of matrix products are stored with the values of kGroup consecutive rows side by
// side: element (k, n) lies at [k / kGroup][n][k % kGroup]. Where the number of rows is odd and
// kGroup is 2, the last row is paired with zeros.
template <typename T>
inline constexpr int kGroup = 4 / static_cast<int>(sizeof(T));

// Rows [begin, end) of dense matrices with `width` columns.
struct Rows {
  std::int64_t begin, end, width;
};

// A piece of a matrix, `stride` elements from row to row.
template <typename T>
struct Block {
  T* data;
  std::int64_t stride;

  [[nodiscard]] T* row(std::int64_t i) const { return data + i * stride; }
};

template <typename T>
[[nodiscard]] Block<const T> constant(Block<T> block) {
  return {block.data, block.stride};
}

struct Size {
  std::int64_t rows, columns;
};

}  // namespace cram::ops::cpu
