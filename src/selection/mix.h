// Spreads the bits of a number over all of it (the finalizer of SplitMix64, Steele et al. 2014,
// "Fast splittable pseudorandom number generators").
#pragma once

#include <cstdint>

namespace cram::selection {

[[nodiscard]] inline std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

}  // namespace cram::selection
