// Stores past the caches, for what is not read again soon: its lines are neither read first, nor do
// they drive others out. Lines must be filled at once: one that is left half full takes ten times
// as long as a store. Below AVX2 these are stores as any other.
#pragma once

#include "vector.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace cram::ops::cpu::CRAM_LEVEL {

// At an address that is a multiple of the vector's size.
CRAM_INLINE void stream(float* p, Floats x) {
#if defined(__AVX512F__)
  _mm512_stream_ps(p, reinterpret_cast<__m512>(x));
#elif defined(__AVX2__)
  _mm256_stream_ps(p, reinterpret_cast<__m256>(x));
#else
  store(p, x);
#endif
}

CRAM_INLINE void stream(Bf16* p, Floats x) {
  const Halves bits = narrow(x);
#if defined(__AVX512F__)
  _mm256_stream_si256(reinterpret_cast<__m256i*>(p), reinterpret_cast<__m256i>(bits));
#elif defined(__AVX2__)
  _mm_stream_si128(reinterpret_cast<__m128i*>(p), reinterpret_cast<__m128i>(bits));
#else
  std::memcpy(p, &bits, sizeof bits);
#endif
}

// Vectors that fill a line; one where nothing is streamed.
template <typename T>
inline constexpr int kLineVectors = kLanes < 8 ? 1 : 64 / (kLanes * static_cast<int>(sizeof(T)));

// Must follow streams before another thread reads what they wrote.
CRAM_INLINE void end_streams() {
#ifdef __x86_64__
  _mm_sfence();
#endif
}

}  // namespace cram::ops::cpu::CRAM_LEVEL
