#include <gtest/gtest.h>

#include "cram/glue/metrics.h"

namespace cram::glue {
namespace {

SpanScore score(const std::string& predicted, const std::vector<std::string>& texts) {
  std::vector<Answer> answers;
  for (const std::string& text : texts) answers.push_back({text, 0});
  return span_score(predicted, answers);
}

bool is_same(const std::string& predicted, const std::string& answer) {
  return score(predicted, {answer}).exact_match == 1;
}

TEST(SpanScore, OverlooksCase) {
  EXPECT_TRUE(is_same("DENVER Broncos", "Denver broncos"));
  EXPECT_TRUE(is_same("ÉCOLE Ärzte ΑΘΗΝΑ", "école ärzte αθηνα"));
}

TEST(SpanScore, OverlooksAsciiPunctuation) {
  EXPECT_TRUE(is_same(R"(!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~ five)", "five"));
  EXPECT_TRUE(is_same("U.S.A.", "USA"));
  EXPECT_TRUE(is_same("10,000", "10000"));
  EXPECT_TRUE(is_same("well-known", "wellknown"));  // as the official script has it
  EXPECT_FALSE(is_same("1990–1995", "19901995"));
}

TEST(SpanScore, OverlooksArticlesThatAreWholeWords) {
  EXPECT_TRUE(is_same("The cat and a dog on an island", "cat and dog on island"));
  EXPECT_FALSE(is_same("theatre", "atre"));
  EXPECT_FALSE(is_same("banana", "bnn"));
  EXPECT_TRUE(is_same("\"The\" end", "end"));
  EXPECT_TRUE(is_same("the–end", "–end"));  // a dash ends a word
  EXPECT_FALSE(is_same("theé", "é"));       // a letter does not
  EXPECT_FALSE(is_same("a1", "1"));
}

TEST(SpanScore, OverlooksPunctuationBeforeArticles) {
  EXPECT_TRUE(is_same("t.h.e end", "end"));
  EXPECT_FALSE(is_same("the-end", "end"));
}

TEST(SpanScore, OverlooksWhiteSpace) {
  EXPECT_TRUE(is_same("  Santa \t Clara,\n\vCalifornia ", "santa clara california"));
  EXPECT_TRUE(is_same("New\u00a0York\u2003City\u3000", "new york city"));
  EXPECT_FALSE(is_same("New\u200bYork", "new york"));  // zero width is no white space
}

TEST(SpanScore, CountsCommonWordsOnceEach) {
  const SpanScore half = score("green green trees", {"green trees"});
  EXPECT_EQ(half.exact_match, 0);
  EXPECT_DOUBLE_EQ(half.f1, 2 * (2.0 / 3) * 1 / (2.0 / 3 + 1));
  EXPECT_DOUBLE_EQ(score("the Norman conquest of England", {"Norman conquest"}).f1,
                   2 * 0.5 * 1 / (0.5 + 1));
  EXPECT_EQ(score("blue sky", {"green trees"}).f1, 0);
  EXPECT_EQ(score("trees green", {"green trees"}).f1, 1);
  EXPECT_EQ(score("trees green", {"green trees"}).exact_match, 0);
}

TEST(SpanScore, TakesTheBestOverTheAnswers) {
  const SpanScore best = score("in 1066", {"1066", "the year 1066", "in 1066 AD"});
  EXPECT_EQ(best.exact_match, 0);
  EXPECT_DOUBLE_EQ(best.f1, 0.8);
  EXPECT_EQ(score("1066", {"in 1066", "1066"}).exact_match, 1);
}

TEST(SpanScore, WantsNothingWhereThereIsNoAnswer) {
  EXPECT_EQ(score("", {}).exact_match, 1);
  EXPECT_EQ(score("", {}).f1, 1);
  EXPECT_EQ(score("...", {}).f1, 1);  // nothing is left of it
  EXPECT_EQ(score("1066", {}).exact_match, 0);
  EXPECT_EQ(score("1066", {}).f1, 0);
  EXPECT_EQ(score("", {"1066"}).exact_match, 0);
  EXPECT_EQ(score("", {"1066"}).f1, 0);
}

TEST(SpanScore, LeavesOutAnswersOfWhichNothingIsLeft) {
  EXPECT_EQ(score("", {"the", "1066"}).exact_match, 0);
  EXPECT_EQ(score("", {"the", "!"}).exact_match, 1);
}

TEST(SpanScore, BearsBytesThatAreNotUtf8) {
  EXPECT_TRUE(is_same("caf\xe9", "CAF\xe9"));
  EXPECT_FALSE(is_same("\xff\xfe", "\xc3"));
}

}  // namespace
}  // namespace cram::glue
