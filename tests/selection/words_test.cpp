#include "cram/selection/words.h"

#include <cctype>
#include <set>

#include <gtest/gtest.h>

#include "selection/planted_text.h"

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

// Cut one character at a time, with a space behind each word.
std::string ascii_by_definition(const std::string& text) {
  std::string words;
  for (const char c : text + " ") {
    const bool separates = std::isalnum(static_cast<unsigned char>(c)) == 0;
    if (separates && (words.empty() || words.back() == ' ')) continue;
    words += separates ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (!words.empty()) words.pop_back();
  return words;
}

TEST(Words, AreThoseOfTheDefinitionInAnyAscii) {
  Random random = test::text_random(51);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    const std::uint32_t separators = 1 + random.below(20);  // words of different lengths
    for (std::uint32_t i = random.below(80); i > 0; --i) {
      text += random.below(separators) == 0 ? static_cast<char>(random.below(128))
                                            : static_cast<char>('P' + random.below(40));
    }
    ASSERT_EQ(normal(text), ascii_by_definition(text)) << testing::PrintToString(text);
  }
}

TEST(Words, MayBeLongerThanTheText) {
  std::string text, longer;
  for (int i = 0; i < 1000; ++i) {
    text += "\u023A日";
    longer += (i == 0 ? "\u2C65 日" : " \u2C65 日");
  }
  EXPECT_EQ(normal(text), longer);
}

TEST(Words, HashAllNgramsAtOnce) {
  const Words words("One, two; three four five six seven eight nine ten eleven.");
  for (std::size_t count = 1; count <= 11; ++count) {
    const NgramLength length(count);
    const std::vector<std::uint64_t> all = words.hashes(length);
    ASSERT_EQ(all.size(), 12 - count);
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], words.hash(i, length));
  }
  EXPECT_TRUE(words.hashes(NgramLength(12)).empty());
}

}  // namespace
}  // namespace cram::selection
