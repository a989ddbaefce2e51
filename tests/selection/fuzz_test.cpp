// Text of any kind through the words and the rules: nothing may break, whatever it says.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cram/selection/selector.h"
#include "cram/text/utf8.h"

#include "selection/planted_text.h"
#include "support/mutator.h"

namespace cram::selection {
namespace {

// What words are made of, and what separates them: scripts with and without case, combining marks,
// letters that change their length in lower case, controls, characters beyond the basic plane.
const char* const kSeed =
    "The cat, aged 12. Straße İSTANBUL ŒUVRE\nКошка και γάτα — 日本語とネコ\t한국어 हिन्दी\n\n"
    "e\u0301 \u0130 \u1E9E \U0001F600 \U00020000 \u200B\uFEFF • … # # #\n• one\n• one\n...";

std::vector<std::string> pieces() {
  return {" ",  "\n",   "\n\n", "word", "İ", "ẞ",    "\u0301",
          "日", "ネコ", "•",    "...",  "#", "\xFF", "9"};
}

TEST(WordsFuzz, AreTheirOwnWords) {
  test::Mutator mutator(7, pieces(), 12);
  for (int round = 0; round < 4000; ++round) {
    const std::string text = text::repair_utf8(mutator.mutate(kSeed));
    const Words words(text);
    ASSERT_TRUE(text::is_valid_utf8(words.text())) << testing::PrintToString(text);
    const Words again(words.text());
    ASSERT_EQ(again.text(), words.text()) << testing::PrintToString(text);
    ASSERT_EQ(again.size(), words.size());
    std::string joined;
    for (std::size_t i = 0; i < words.size(); ++i) {
      ASSERT_FALSE(words[i].empty());
      joined += (i == 0 ? "" : " ") + std::string(words[i]);
    }
    ASSERT_EQ(joined, words.text());
    if (words.size() < 3) continue;
    const NgramLength three(3);
    ASSERT_EQ(words.hash(words.size() - 3, three), again.hash(words.size() - 3, three));
  }
}

TEST(RulesFuzz, JudgeAnyText) {
  Rules rules;
  rules.quality.emplace();
  rules.quality->min_words = 3;
  rules.repetition.emplace();
  rules.exact_duplicates = true;
  rules.near_duplicates.emplace();
  Selector selector(rules);
  test::Mutator mutator(11, pieces(), 12);
  std::string long_text;
  for (int i = 0; i < 20; ++i) long_text += kSeed;
  for (int round = 0; round < 1500; ++round) {
    const std::string text = text::repair_utf8(mutator.mutate(round % 3 == 0 ? long_text : kSeed));
    const auto first = selector.decide(selector.examine(text));
    // The same again: gone for the same reason, or as a copy.
    const auto second = selector.decide(selector.examine(text));
    ASSERT_TRUE(second) << testing::PrintToString(text);
    if (first && first->rule != "near duplicate") {
      ASSERT_EQ(second->rule, first->rule) << testing::PrintToString(text);
    }
  }
}

}  // namespace
}  // namespace cram::selection
