#include "cram/base/random.h"

#include <bit>
#include <utility>

namespace cram {
namespace {

// Multipliers and Weyl constants of Philox4x32 (Salmon et al. 2011, table 2).
constexpr std::uint32_t kMultiplier0 = 0xD2511F53;
constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
constexpr std::uint32_t kWeyl1 = 0xBB67AE85;

std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
std::uint32_t high(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); }

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{kMultiplier0} * counter[0];
    const std::uint64_t product1 = std::uint64_t{kMultiplier1} * counter[2];
    counter = {high(product1) ^ counter[1] ^ key[0], low(product1),
               high(product0) ^ counter[3] ^ key[1], low(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

Random::Random(std::uint64_t seed, RandomStream stream, std::uint64_t index)
    : key_{low(seed), high(seed)},
      counter_{0, static_cast<std::uint32_t>(stream), low(index), high(index)} {}

std::uint32_t Random::bits32() {
  if (used_ == block_.size()) {
    block_ = philox(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

std::uint64_t Random::bits64() {
  const std::uint64_t upper = bits32();
  return upper << 32 | bits32();
}

std::uint32_t Random::below(std::uint32_t bound) {
  // Lemire's multiply-and-reject: the low half tells whether this value falls into the uneven rest.
  std::uint64_t product = std::uint64_t{bits32()} * bound;
  if (low(product) < bound) {
    const std::uint32_t threshold = (0U - bound) % bound;
    while (low(product) < threshold) product = std::uint64_t{bits32()} * bound;
  }
  return high(product);
}

double Random::uniform() { return static_cast<double>(bits64() >> 11) * 0x1.0p-53; }

Permutation::Permutation(std::uint64_t seed, RandomStream stream, std::uint64_t epoch,
                         std::uint64_t size)
    : key_{low(seed) ^ static_cast<std::uint32_t>(stream) * kWeyl0, high(seed)},
      epoch_(epoch),
      size_(size),
      half_bits_(static_cast<unsigned>(std::bit_width(size == 0 ? 0 : size - 1) + 1) / 2) {}

std::uint64_t Permutation::operator()(std::uint64_t position) const {
  // Cycle walking: the network permutes a power of four of at most 4 * size values.
  std::uint64_t value = encrypt(position);
  while (value >= size_) value = encrypt(value);
  return value;
}

std::uint64_t Permutation::encrypt(std::uint64_t value) const {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  std::uint64_t left = value >> half_bits_;
  std::uint64_t right = value & mask;
  for (std::uint32_t round = 0; round < 6; ++round) {
    const auto block = philox({low(right), round, low(epoch_), high(epoch_)}, key_);
    const std::uint64_t mixed = (std::uint64_t{block[0]} << 32 | block[1]) & mask;
    left = std::exchange(right, left ^ mixed);
  }
  return left << half_bits_ | right;
}

}  // namespace cram
