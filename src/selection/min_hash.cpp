#include "min_hash.h"

#include <algorithm>
#include <limits>

#include "cram/base/random.h"

namespace cram::selection {
namespace {

constexpr std::size_t kBlock = 16;  // hash functions at a time, in vector registers

// h(x) = a x + b modulo 2^32 with odd a (Dietzfelbinger et al. 1997, "A reliable randomized
// algorithm for the closest-pair problem"); its high bits, which decide what is smallest, are good.
#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void find_smallest(const std::uint32_t* set, std::size_t size, const std::uint32_t* factors,
                   const std::uint32_t* offsets, std::uint32_t* smallest) {
  std::uint32_t best[kBlock];
  for (std::size_t j = 0; j < kBlock; ++j) best[j] = std::numeric_limits<std::uint32_t>::max();
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < kBlock; ++j) {
      const std::uint32_t hash = factors[j] * set[i] + offsets[j];
      best[j] = hash < best[j] ? hash : best[j];
    }
  }
  for (std::size_t j = 0; j < kBlock; ++j) smallest[j] = best[j];
}

}  // namespace

MinHash::MinHash(std::size_t functions) : functions_(functions) {
  // A seed of its own for ever: signatures are made anew with each corpus and need not differ.
  Random random(0, RandomStream::kSample, std::numeric_limits<std::uint64_t>::max());
  const std::size_t padded = (functions + kBlock - 1) / kBlock * kBlock;
  for (std::size_t i = 0; i < padded; ++i) {
    factors_.push_back(random.bits32() | 1);
    offsets_.push_back(random.bits32());
  }
}

std::vector<std::uint32_t> MinHash::signature(std::span<const std::uint32_t> set) const {
  std::vector<std::uint32_t> smallest(factors_.size());
  for (std::size_t block = 0; block < smallest.size(); block += kBlock) {
    find_smallest(set.data(), set.size(), &factors_[block], &offsets_[block], &smallest[block]);
  }
  smallest.resize(functions_);
  return smallest;
}

}  // namespace cram::selection
