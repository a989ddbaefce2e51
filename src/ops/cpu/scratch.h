// Working memory of the parts of an operation: one allocation, cut up by each thread for itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

namespace cram::ops::cpu {

[[nodiscard]] inline std::int64_t round_up(std::int64_t n, std::int64_t unit) {
  return (n + unit - 1) / unit * unit;
}

// Elements from one row to the next. Rows that lie a multiple of kAlias apart share a few sets of
// the caches and drive each other out, so these get a line more.
template <typename T>
[[nodiscard]] std::int64_t row_stride(std::int64_t columns) {
  constexpr std::int64_t kLine = 64, kAlias = 1024;  // bytes
  const auto bytes = columns * static_cast<std::int64_t>(sizeof(T));
  return bytes % kAlias == 0 ? columns + kLine / static_cast<std::int64_t>(sizeof(T)) : columns;
}

// Hands out aligned pieces of a part's memory.
class Scratch {
 public:
  explicit Scratch(std::byte* memory) : next_(memory) {}

  template <typename T>
  [[nodiscard]] T* take(std::int64_t count) {
    auto* piece = reinterpret_cast<T*>(next_);
    next_ += size<T>(count);
    return piece;
  }

  template <typename T>
  [[nodiscard]] T* take_zeros(std::int64_t count) {
    auto* piece = take<T>(count);
    std::memset(piece, 0, static_cast<std::size_t>(count) * sizeof(T));
    return piece;
  }

  // Bytes that take() uses for as many elements.
  template <typename T>
  [[nodiscard]] static std::int64_t size(std::int64_t count) {
    return round_up(count * static_cast<std::int64_t>(sizeof(T)), 64);
  }

 private:
  std::byte* next_;
};

class ScratchPool {
 public:
  ScratchPool(std::int64_t parts, std::int64_t bytes_a_part)
      : bytes_(round_up(bytes_a_part, 64)),
        memory_(at::empty({parts, bytes_}, at::TensorOptions(at::kByte))) {}

  [[nodiscard]] Scratch part(std::int64_t i) const {
    return Scratch(static_cast<std::byte*>(memory_.data_ptr()) + i * bytes_);
  }

 private:
  std::int64_t bytes_;
  at::Tensor memory_;
};

}  // namespace cram::ops::cpu
