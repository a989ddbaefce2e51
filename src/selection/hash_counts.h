// Counts how often each of at most a given number of hashes was met.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cram::selection {

class HashCounts {
 public:
  explicit HashCounts(std::size_t most) : slots_(std::bit_ceil(2 * most + 1)) {}

  // Counts a hash, whose low bits must be random, and says how often it was met so far.
  std::uint32_t add(std::uint64_t hash) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at].round == round_ && slots_[at].hash != hash) at = (at + 1) & mask;
    Slot& slot = slots_[at];
    if (slot.round != round_) slot = {.hash = hash, .count = 0, .round = round_};
    return ++slot.count;
  }

  // Forgets everything, at once.
  void clear() { ++round_; }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t count = 0;
    std::uint32_t round = 0;
  };

  std::vector<Slot> slots_;
  std::uint32_t round_ = 1;
};

}  // namespace cram::selection
