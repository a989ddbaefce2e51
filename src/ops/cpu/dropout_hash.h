// The hash behind dropout masks. Knows no torch; inlined everywhere, for kernels that are compiled
// for other instructions include it too.
#pragma once

#include <cstdint>

namespace cram::ops::cpu {

#define CRAM_HASH_INLINE static inline __attribute__((always_inline))

// What kernels know of a mask.
struct KeepRule {
  bool drops = false;
  std::uint64_t seed = 0;
  std::int32_t limit = 0;  // kept are elements with a hash, as a signed number, below it
  float scale = 1.0f;      // of what is kept
};

// Number `index` of the random numbers of a seed (SplitMix64, Steele et al. 2014).
CRAM_HASH_INLINE std::uint64_t random_number(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = seed + (index + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// The seed of a head's mask; heads are counted through all sequences.
CRAM_HASH_INLINE std::uint64_t head_seed(std::uint64_t seed, std::int64_t head) {
  return random_number(seed, static_cast<std::uint64_t>(head));
}

// What the elements of a row have in common. It enters their hash at two places, so that no two
// rows are shifted copies of each other.
struct RowKey {
  std::uint32_t first, second;
};

CRAM_HASH_INLINE RowKey row_key(std::uint64_t seed, std::int64_t row) {
  const std::uint64_t bits = random_number(seed, static_cast<std::uint64_t>(row));
  return {static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(bits >> 32)};
}

// The hash of an element, for 32-bit unsigned numbers and vectors of them. Only its high bits are
// well mixed, which is what a comparison looks at.
template <typename Bits>
CRAM_HASH_INLINE Bits element_hash(Bits column, Bits first, Bits second) {
  Bits x = column ^ first;
  x ^= x >> 16;
  x *= 0x85ebca6bu;
  x ^= x >> 13;
  x ^= second;
  return x * 0xc2b2ae35u;
}

#undef CRAM_HASH_INLINE

}  // namespace cram::ops::cpu
