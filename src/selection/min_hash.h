// The signature of a set of hashes: the smallest value of each of many hash functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cram::selection {

class MinHash {
 public:
  explicit MinHash(std::size_t functions);

  // `set` may hold an element several times; it must not be empty.
  [[nodiscard]] std::vector<std::uint32_t> signature(std::span<const std::uint32_t> set) const;

 private:
  std::size_t functions_;
  std::vector<std::uint32_t> factors_;  // odd; padded to whole blocks
  std::vector<std::uint32_t> offsets_;
};

}  // namespace cram::selection
