#include "../../src/selection/recurring_keys.h"

#include <gtest/gtest.h>

#include "../../src/selection/mix.h"

namespace cram::selection {
namespace {

constexpr std::uint64_t kKeys = 200'000;

// The first half of the keys twice, the other half once.
RecurringKeys filled(std::uint64_t most_bytes) {
  RecurringKeys keys(kKeys, most_bytes);
  for (std::uint64_t key = 0; key < kKeys; ++key) keys.add(mix(key));
  for (std::uint64_t key = 0; key < kKeys / 2; ++key) keys.add(mix(key));
  return keys;
}

double share_said_to_recur(const RecurringKeys& keys, std::uint64_t begin, std::uint64_t end) {
  double count = 0;
  for (std::uint64_t key = begin; key < end; ++key) count += keys.may_recur(mix(key)) ? 1 : 0;
  return count / static_cast<double>(end - begin);
}

TEST(RecurringKeys, KnowsAllThatRecurAndFewOthers) {
  const RecurringKeys keys = filled(std::uint64_t{1} << 30);
  EXPECT_EQ(share_said_to_recur(keys, 0, kKeys / 2), 1);
  EXPECT_LT(share_said_to_recur(keys, kKeys / 2, kKeys), 0.02);
  EXPECT_LT(share_said_to_recur(keys, kKeys, 2 * kKeys), 0.02);
}

TEST(RecurringKeys, AreWrongMoreOftenInLessMemoryButNeverMissOne) {
  const RecurringKeys keys = filled(kKeys / 2);
  EXPECT_EQ(share_said_to_recur(keys, 0, kKeys / 2), 1);
  EXPECT_GT(share_said_to_recur(keys, kKeys / 2, kKeys), 0.1);
}

TEST(RecurringKeys, TakeNoneAtAll) { EXPECT_FALSE(RecurringKeys(0, 0).may_recur(mix(7))); }

}  // namespace
}  // namespace cram::selection
