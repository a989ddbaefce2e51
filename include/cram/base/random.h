// Counter-based random numbers: every value is a pure function of (seed, stream, index), so order,
// masks and initial weights depend on no state, no thread count and no restart.
//
// The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011).
#pragma once

#include <array>
#include <cstdint>

namespace cram {

// Names what a stream of numbers is for, so that two uses never share numbers.
enum class RandomStream : std::uint32_t {
  kOrder = 1,       // order of the packed sequences
  kMasking = 2,     // which positions are masked and how
  kHeldOut = 3,     // which documents are held out
  kEvaluation = 4,  // masks of the held-out set
  kWeights = 5,     // initial weights
  kSample = 6,      // samples of text, such as for tokenizer training
  kDropout = 7,     // seeds of dropout masks
  kFineTuning = 8,  // order of labelled examples
  kBootstrap = 9,   // resamples of measurements
};

// The ten-round Philox block function.
[[nodiscard]] std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key);

// The numbers that belong to one (seed, stream, index). Copyable, cheap, not shared by threads.
class Random {
 public:
  Random(std::uint64_t seed, RandomStream stream, std::uint64_t index);

  std::uint32_t bits32();
  std::uint64_t bits64();
  // Uniform in [0, bound) without bias; bound must be at least 1.
  std::uint32_t below(std::uint32_t bound);
  // Uniform in [0, 1).
  double uniform();

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  unsigned used_ = 4;
};

// A seeded bijection of [0, size): position -> item, in constant memory (a Feistel network with
// cycle walking over the Philox function).
class Permutation {
 public:
  Permutation(std::uint64_t seed, RandomStream stream, std::uint64_t epoch, std::uint64_t size);
  [[nodiscard]] std::uint64_t operator()(std::uint64_t position) const;
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  [[nodiscard]] std::uint64_t encrypt(std::uint64_t value) const;

  std::array<std::uint32_t, 2> key_;
  std::uint64_t epoch_;
  std::uint64_t size_;
  unsigned half_bits_;
};

}  // namespace cram
