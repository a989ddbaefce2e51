// Which of very many keys come more than once, in 3.2 bytes a key: a Bloom filter (Bloom
// 1970) that tells one from many, with all it looks at for a key in one line of the cache (Putze et
// al. 2007, "Cache-, hash- and space-efficient Bloom filters").
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace cram::selection {

class RecurringKeys {
 public:
  static constexpr std::uint64_t kBytesOfKey = 4;  // at most, and of very few keys 64 together

  // For so many keys; with more, or where `most_bytes` are too few for them, it is wrong more
  // often.
  RecurringKeys(std::uint64_t keys, std::uint64_t most_bytes);

  // The key's bits must be random.
  void add(std::uint64_t key);
  // False only for a key that was added once at most; true for all others, and for about 1 % of
  // those.
  [[nodiscard]] bool may_recur(std::uint64_t key) const;

 private:
  // Two bits for each of 256 counters: 0, 1, or more.
  using Line = std::array<std::uint64_t, 8>;

  [[nodiscard]] std::size_t line_of(std::uint64_t key) const;

  std::vector<Line> lines_;
};

}  // namespace cram::selection
