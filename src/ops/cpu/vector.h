// Vectors of floats in the compiler's own vector types, as wide as the instructions that the
// including source is compiled for, with bf16 conversion. Everything here is in a namespace of its
// own for each level, so that no function compiled for one CPU is ever linked into code for
// another.
#pragma once

#include <cstdint>
#include <cstring>

#include "element.h"

#ifdef __AVX512BF16__
#include <immintrin.h>
#endif

namespace cram::ops::cpu::CRAM_LEVEL {

#if defined(__AVX512F__)
inline constexpr int kLanes = 16;
#elif defined(__AVX2__)
inline constexpr int kLanes = 8;
#else
inline constexpr int kLanes = 4;
#endif

using Floats = float __attribute__((vector_size(kLanes * 4)));
using Ints = std::int32_t __attribute__((vector_size(kLanes * 4)));
using Words = std::uint32_t __attribute__((vector_size(kLanes * 4)));
using Halves = std::uint16_t __attribute__((vector_size(kLanes * 2)));

// The lanes' numbers, for shuffles.
template <int... lane>
struct Lanes {};
template <int count, int... lane>
struct CountLanes : CountLanes<count - 1, count - 1, lane...> {};
template <int... lane>
struct CountLanes<0, lane...> {
  using Type = Lanes<lane...>;
};
using AllLanes = typename CountLanes<kLanes>::Type;

#define CRAM_INLINE static inline __attribute__((always_inline))

template <int... lane>
CRAM_INLINE Words lane_numbers(Lanes<lane...>) {
  return Words{lane...};
}

// first, first + 1, ...
CRAM_INLINE Words count_from(std::int64_t first) {
  return lane_numbers(AllLanes{}) + static_cast<std::uint32_t>(first);
}

CRAM_INLINE Floats splat(float x) { return x - Floats{}; }

CRAM_INLINE Floats widen(Halves bits) {
  return reinterpret_cast<Floats>(__builtin_convertvector(bits, Words) << 16);
}

// Round to nearest, ties to even; NaN stays NaN.
CRAM_INLINE Halves narrow(Floats x) {
#ifdef __AVX512BF16__
  return reinterpret_cast<Halves>(_mm512_cvtneps_pbh(reinterpret_cast<__m512>(x)));
#else
  const Words bits = reinterpret_cast<Words>(x);
  const Words rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return __builtin_convertvector(x == x ? rounded : Words{} + 0x7fc0, Halves);
#endif
}

CRAM_INLINE Floats load(const float* p) {
  Floats x;
  std::memcpy(&x, p, sizeof x);
  return x;
}

CRAM_INLINE Floats load(const Bf16* p) {
  Halves bits;
  std::memcpy(&bits, p, sizeof bits);
  return widen(bits);
}

CRAM_INLINE void store(float* p, Floats x) { std::memcpy(p, &x, sizeof x); }

CRAM_INLINE void store(Bf16* p, Floats x) {
  const Halves bits = narrow(x);
  std::memcpy(p, &bits, sizeof bits);
}

// How much of a vector lies in a row: all of it, or its first `count` elements.
struct Whole {};
struct Part {
  std::int64_t count;
};

template <typename T>
CRAM_INLINE Floats load(const T* p, Whole) {
  return load(p);
}

template <typename T>
CRAM_INLINE Floats load(const T* p, Part part) {
  T whole[kLanes] = {};
  std::memcpy(whole, p, static_cast<std::size_t>(part.count) * sizeof(T));
  return load(whole);
}

template <typename T>
CRAM_INLINE void store(T* p, Floats x, Whole) {
  store(p, x);
}

template <typename T>
CRAM_INLINE void store(T* p, Floats x, Part part) {
  T whole[kLanes];
  store(whole, x);
  std::memcpy(p, whole, static_cast<std::size_t>(part.count) * sizeof(T));
}

// Elements as they are, each in a word.
CRAM_INLINE Words load_bits(const std::uint32_t* p) {
  Words x;
  std::memcpy(&x, p, sizeof x);
  return x;
}
CRAM_INLINE Words load_bits(const float* p) { return reinterpret_cast<Words>(load(p)); }
CRAM_INLINE Words load_bits(const Bf16* p) {
  Halves bits;
  std::memcpy(&bits, p, sizeof bits);
  return __builtin_convertvector(bits, Words);
}

template <typename T>
CRAM_INLINE Words load_bits(const T* p, Whole) {
  return load_bits(p);
}

template <typename T>
CRAM_INLINE Words load_bits(const T* p, Part part) {
  T whole[kLanes] = {};
  std::memcpy(whole, p, static_cast<std::size_t>(part.count) * sizeof(T));
  return load_bits(whole);
}

CRAM_INLINE void store_bits(std::uint32_t* p, Words x, Whole) { std::memcpy(p, &x, sizeof x); }
CRAM_INLINE void store_bits(std::uint32_t* p, Words x, Part part) {
  std::memcpy(p, &x, static_cast<std::size_t>(part.count) * sizeof *p);
}

// x with another value where it lies outside the row.
CRAM_INLINE Floats inside(Floats x, Whole, float /*outside*/ = 0.0f) { return x; }
CRAM_INLINE Floats inside(Floats x, Part part, float outside = 0.0f) {
  return count_from(0) < static_cast<std::uint32_t>(part.count) ? x : splat(outside);
}

// Calls f(i, extent) for each vector of a row of n elements, i being its first.
template <typename F>
CRAM_INLINE void for_vectors(std::int64_t n, const F& f) {
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) f(i, Whole{});
  if (i < n) f(i, Part{n - i});
}

CRAM_INLINE float sum(Floats x) {
  float lanes[kLanes];
  std::memcpy(lanes, &x, sizeof lanes);
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

// The second argument where either is NaN.
CRAM_INLINE Floats larger(Floats a, Floats b) { return a > b ? a : b; }
CRAM_INLINE Floats smaller(Floats a, Floats b) { return a < b ? a : b; }

CRAM_INLINE float largest(Floats x) {
  float best = x[0];
  for (int i = 1; i < kLanes; ++i) best = x[i] > best ? x[i] : best;
  return best;
}

CRAM_INLINE Floats magnitude(Floats x) {
  return reinterpret_cast<Floats>(reinterpret_cast<Words>(x) & 0x7fffffffu);
}

}  // namespace cram::ops::cpu::CRAM_LEVEL
