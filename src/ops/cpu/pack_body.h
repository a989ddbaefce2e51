#pragma once

#include "pack_kernels.h"
#include "vector.h"

namespace cram::ops::cpu::CRAM_LEVEL {

// One step of a transposition: exchanges lanes that differ in the bit `step`.
template <int step, int... lane>
CRAM_INLINE void exchange(Words& a, Words& b, Lanes<lane...>) {
  const Words low = __builtin_shufflevector(a, b, ((lane & step) ? kLanes + lane - step : lane)...);
  b = __builtin_shufflevector(a, b, ((lane & step) ? kLanes + lane : lane + step)...);
  a = low;
}

template <int step>
CRAM_INLINE void transpose_step(Words (&block)[kLanes]) {
  for (int i = 0; i < kLanes; ++i) {
    if ((i & step) == 0) exchange<step>(block[i], block[i + step], AllLanes{});
  }
}

// Transposes a square of words in registers.
CRAM_INLINE void transpose(Words (&block)[kLanes]) {
  transpose_step<1>(block);
  transpose_step<2>(block);
  if constexpr (kLanes > 4) transpose_step<4>(block);
  if constexpr (kLanes > 8) transpose_step<8>(block);
}

// Rows r and r + 1 of a bf16 matrix side by side; one row of a float matrix.
template <typename Extent>
CRAM_INLINE Words paired(Block<const Bf16> src, std::int64_t row, std::int64_t rows,
                         std::int64_t column, Extent extent) {
  const Words low = load_bits(src.row(row) + column, extent);
  if (row + 1 == rows) return low;
  return low | (load_bits(src.row(row + 1) + column, extent) << 16);
}

template <typename Extent>
CRAM_INLINE Words paired(Block<const float> src, std::int64_t row, std::int64_t /*rows*/,
                         std::int64_t column, Extent extent) {
  return load_bits(src.row(row) + column, extent);
}

CRAM_INLINE std::uint32_t* words(void* p) { return static_cast<std::uint32_t*>(p); }

template <typename T>
static void pack_rows(Block<const T> src, Size size, Block<T> dst) {
  for (std::int64_t r = 0; r < size.rows; r += kGroup<T>) {
    std::uint32_t* to = words(dst.row(r));
    for_vectors(size.columns, [&](std::int64_t c, auto extent) {
      store_bits(to + c, paired(src, r, size.rows, c, extent), extent);
    });
  }
}

CRAM_INLINE Words pair(Floats low, Floats high, Bf16) {
  return __builtin_convertvector(narrow(low), Words) |
         (__builtin_convertvector(narrow(high), Words) << 16);
}

CRAM_INLINE Words pair(Floats low, Floats /*high*/, float) { return reinterpret_cast<Words>(low); }

template <typename T>
static void pack_scaled_rows(Block<const T> src, Size size, const float* scales, Block<T> dst) {
  for (std::int64_t r = 0; r < size.rows; r += kGroup<T>) {
    std::uint32_t* to = words(dst.row(r));
    const bool both = kGroup<T> == 2 && r + 1 < size.rows;
    for_vectors(size.columns, [&](std::int64_t c, auto extent) {
      const Floats low = load(src.row(r) + c, extent) * scales[r];
      const Floats high = both ? load(src.row(r + 1) + c, extent) * scales[r + 1] : Floats{};
      store_bits(to + c, pair(low, high, T{}), extent);
    });
  }
}

// dst[c][r] = src[r][c] for words that `from(r, c, extent)` loads, kLanes columns at a time.
template <typename From>
CRAM_INLINE void transpose_words(Size size, std::uint32_t* dst, std::int64_t stride,
                                 const From& from) {
  for (std::int64_t r = 0; r < size.rows; r += kLanes) {
    const std::int64_t rows = size.rows - r < kLanes ? size.rows - r : kLanes;
    for_vectors(size.columns, [&](std::int64_t c, auto extent) {
      Words block[kLanes];
      for (int i = 0; i < kLanes; ++i) block[i] = i < rows ? from(r + i, c, extent) : Words{};
      transpose(block);
      const std::int64_t columns = size.columns - c < kLanes ? size.columns - c : kLanes;
      std::uint32_t* to = dst + c * stride + r;
      if (rows == kLanes) {
        for (int i = 0; i < kLanes; ++i) {
          if (i < columns) store_bits(to + i * stride, block[i], Whole{});
        }
        return;
      }
      for (int i = 0; i < columns; ++i) store_bits(to + i * stride, block[i], Part{rows});
    });
  }
}

template <typename T>
static void pack_columns(Block<const T> src, Size size, Block<T> dst) {
  transpose_words({size.rows, size.columns / kGroup<T>}, words(dst.data), dst.stride,
                  [&](std::int64_t r, std::int64_t c, auto extent) {
                    return load_bits(words(const_cast<T*>(src.row(r))) + c, extent);
                  });
}

template <typename T>
static void pack_transposed(Block<const T> src, Size size, Block<T> dst) {
  const std::int64_t groups = (size.rows + kGroup<T> - 1) / kGroup<T>;
  transpose_words({groups, size.columns}, words(dst.data), dst.stride / kGroup<T>,
                  [&](std::int64_t r, std::int64_t c, auto extent) {
                    return paired(src, r * kGroup<T>, size.rows, c, extent);
                  });
}

template <typename T>
static void narrow_rows(Block<const float> src, Size size, Block<T> dst, const float* scales,
                        const float* bias) {
  for (std::int64_t r = 0; r < size.rows; ++r) {
    const float* from = src.row(r);
    T* to = dst.row(r);
    const float scale = scales == nullptr ? 1.0f : scales[r];
    for_vectors(size.columns, [&](std::int64_t c, auto extent) {
      const Floats shift = bias == nullptr ? Floats{} : load(bias + c, extent);
      store(to + c, load(from + c, extent) * scale + shift, extent);
    });
  }
}

template <typename T>
constexpr PackKernels<T> pack_kernels() {
  return {pack_rows<T>, pack_scaled_rows<T>, pack_columns<T>, pack_transposed<T>, narrow_rows<T>};
}

}  // namespace cram::ops::cpu::CRAM_LEVEL
