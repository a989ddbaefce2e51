#include "cram/base/random.h"

#include <cmath>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace cram {
namespace {

// Known-answer vectors that the authors of Philox publish with Random123 (kat_vectors).
TEST(Philox, GivesThePublishedVectors) {
  using Block = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, IsAFunctionOfSeedStreamAndIndex) {
  Random first(7, RandomStream::kMasking, 42);
  Random again(7, RandomStream::kMasking, 42);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(first.bits32(), again.bits32());
}

TEST(Random, DiffersBetweenSeedsStreamsAndIndices) {
  std::set<std::uint64_t> values;
  for (const std::uint64_t seed : {1ULL, 2ULL, 1ULL << 32}) {
    for (const RandomStream stream : {RandomStream::kOrder, RandomStream::kMasking}) {
      for (const std::uint64_t index : {0ULL, 1ULL, 1ULL << 32}) {
        values.insert(Random(seed, stream, index).bits64());
      }
    }
  }
  EXPECT_EQ(values.size(), 18U);
}

TEST(Random, IsUniformBelowABoundThatIsNoPowerOfTwo) {
  constexpr std::uint32_t kBound = 7;
  constexpr int kDraws = 70'000;
  std::vector<int> counts(kBound);
  Random random(3, RandomStream::kSample, 0);
  for (int i = 0; i < kDraws; ++i) ++counts[random.below(kBound)];
  double chi_square = 0;
  for (const int count : counts) chi_square += std::pow(count - kDraws / 7.0, 2) / (kDraws / 7.0);
  EXPECT_LT(chi_square, 22.5);  // 6 degrees of freedom: exceeded once in a thousand seeds
}

TEST(Random, StaysBelowTheBoundEvenAtTheExtremes) {
  Random random(3, RandomStream::kSample, 1);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(random.below(1), 0U);
    EXPECT_LT(random.below(0xfffffffe), 0xfffffffeU);
    const double uniform = random.uniform();
    EXPECT_TRUE(uniform >= 0 && uniform < 1);
  }
}

class PermutationOf : public testing::TestWithParam<std::uint64_t> {};

TEST_P(PermutationOf, VisitsEveryItemOnce) {
  const Permutation permutation(11, RandomStream::kOrder, 0, GetParam());
  std::vector<bool> seen(GetParam());
  for (std::uint64_t position = 0; position < GetParam(); ++position) {
    const std::uint64_t item = permutation(position);
    ASSERT_LT(item, GetParam());
    ASSERT_FALSE(seen[item]) << "item " << item << " comes twice";
    seen[item] = true;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, PermutationOf,
                         testing::Values(1, 2, 3, 4, 5, 16, 17, 1000, 4096, 65'537));

TEST(Permutation, DiffersBetweenEpochsAndSeeds) {
  const auto order = [](std::uint64_t seed, std::uint64_t epoch) {
    const Permutation permutation(seed, RandomStream::kOrder, epoch, 100);
    std::vector<std::uint64_t> items;
    for (std::uint64_t i = 0; i < 100; ++i) items.push_back(permutation(i));
    return items;
  };
  EXPECT_NE(order(1, 0), order(1, 1));
  EXPECT_NE(order(1, 0), order(2, 0));
  EXPECT_EQ(order(1, 0), order(1, 0));
}

// Neighbours must land apart: the mean distance of two random items of n is n/3.
TEST(Permutation, SeparatesNeighbours) {
  constexpr std::uint64_t kSize = 10'000;
  const Permutation permutation(5, RandomStream::kOrder, 0, kSize);
  double distance = 0;
  for (std::uint64_t i = 0; i + 1 < kSize; ++i) {
    distance +=
        std::abs(static_cast<double>(permutation(i)) - static_cast<double>(permutation(i + 1)));
  }
  EXPECT_NEAR(distance / kSize, kSize / 3.0, kSize * 0.02);
}

}  // namespace
}  // namespace cram
