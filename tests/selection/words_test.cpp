#include "cram/selection/words.h"

#include <set>

#include <gtest/gtest.h>

namespace cram::selection {
namespace {

std::string normal(const std::string& text) { return std::string(Words(text).text()); }

TEST(Words, AreLettersAndDigitsInLowerCase) {
  EXPECT_EQ(normal("  The cat, aged 12, said: \"Don't!\"\n"), "the cat aged 12 said don t");
  EXPECT_EQ(normal("Straße ÉTÉ — Ωmega"), "straße été ωmega");
}

TEST(Words, TakeIdeographsAndKanaOneByOne) {
  EXPECT_EQ(normal("日本語とcat"), "日 本 語 と cat");
  EXPECT_EQ(Words("日本").size(), 2U);
}

TEST(Words, AreNoneInPunctuation) {
  EXPECT_EQ(Words("").size(), 0U);
  EXPECT_EQ(Words(" -- …!\n").size(), 0U);
  EXPECT_EQ(normal("…"), "");
}

TEST(Words, CanBeTakenOutByPlace) {
  const Words words("One, two; three four.");
  ASSERT_EQ(words.size(), 4U);
  EXPECT_EQ(words[0], "one");
  EXPECT_EQ(words[3], "four");
  EXPECT_EQ(words.range(1, 2), "two three");
  EXPECT_EQ(words.range(0, 4), words.text());
  EXPECT_EQ(words.bytes(1, 2), 8U);
  EXPECT_EQ(words.bytes(0, 4), 15U);
}

TEST(Words, HashNgramsTheSameWhereverTheyStand) {
  const NgramLength three(3);
  const Words a("it rains a lot in the valley");
  const Words b("In the Valley, it RAINS: a lot");
  EXPECT_EQ(a.hash(0, three), b.hash(3, three));
  EXPECT_EQ(a.hash(4, three), b.hash(0, three));
  std::set<std::uint64_t> different;
  for (std::size_t i = 0; i + 3 <= a.size(); ++i) different.insert(a.hash(i, three));
  EXPECT_EQ(different.size(), 5U);
  EXPECT_NE(Words("a b c").hash(0, three), Words("c b a").hash(0, three));
  EXPECT_NE(Words("ab c d").hash(0, three), Words("a bc d").hash(0, three));
}

}  // namespace
}  // namespace cram::selection
