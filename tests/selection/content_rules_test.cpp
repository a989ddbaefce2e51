// Quality and repetition: for each rule a text that must go and one, almost the same, that must
// stay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/selection/quality.h"
#include "cram/selection/repetition.h"

#include "selection/planted_text.h"
#include "support/synthetic_text.h"

namespace cram::selection {
namespace {

using testing::Contains;

// The rule that `text` breaks; empty when it may stay.
std::string broken(const ContentRule& rule, const std::string& text) {
  const auto drop = rule.judge(Document(text));
  if (!drop) return "";
  EXPECT_THAT(rule.names(), Contains(drop->rule));
  EXPECT_FALSE(drop->detail.empty());
  return drop->rule;
}

std::string quality(const std::string& text) { return broken(Quality({}), text); }
std::string repetition(const std::string& text) { return broken(Repetition({}), text); }

std::string times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

// Sixty words of prose on one line.
const std::string kProse =
    "When the first settlers came to the valley they found it covered with forest, and it took "
    "them many years to clear the land. The soil was good, however, and those who stayed were able "
    "to grow enough wheat for themselves and for the mill that stood by the river. Later a road "
    "was "
    "built over the hills.";

TEST(Quality, LetsProsePass) {
  EXPECT_EQ(quality(kProse), "");
  EXPECT_EQ(quality(kProse + "\n\n" + kProse), "");
}

TEST(Quality, CountsWords) {
  EXPECT_EQ(quality("The road was built over the hills, and that was it."),
            "quality: too few words");
  EXPECT_EQ(quality(times(25, "the and ")), "");
  EXPECT_EQ(quality(times(24, "the and ") + "the"), "quality: too few words");
  EXPECT_EQ(quality(times(50'000, "the and ")), "");
  EXPECT_EQ(quality(times(50'000, "the and ") + "the"), "quality: too many words");
  EXPECT_EQ(broken(Quality({.min_words = 3}), "The road and"), "");
}

TEST(Quality, MeasuresWords) {
  EXPECT_EQ(quality("of the " + times(60, "a ")), "quality: mean word length");
  EXPECT_EQ(quality("of the " + times(60, "internationalisation ")), "quality: mean word length");
  EXPECT_EQ(quality("of the " + times(60, "nation ")), "");
  // Nine characters of two bytes each.
  EXPECT_EQ(quality("of the " + times(60, "äöüäöüäöü ")), "");
}

TEST(Quality, CountsSymbols) {
  EXPECT_EQ(quality(kProse + times(5, " #tag")), "");
  EXPECT_EQ(quality(kProse + times(8, " #tag")), "quality: symbols");
  EXPECT_EQ(quality(kProse + times(8, " more...")), "quality: symbols");
  EXPECT_EQ(quality(kProse + times(8, " more…")), "quality: symbols");
}

TEST(Quality, LooksAtTheEdgesOfLines) {
  const std::string line = "the road that was built over the hills and the river\n";
  EXPECT_EQ(quality(times(10, "- " + line)), "quality: bullet lines");
  EXPECT_EQ(quality(times(10, " • " + line)), "quality: bullet lines");
  EXPECT_EQ(quality(times(9, "* " + line) + line), "");
  const std::string cut = "the road that was built over the hills and the riv...\n";
  EXPECT_EQ(quality(times(7, line) + times(3, cut)), "");
  EXPECT_EQ(quality(times(6, line) + times(4, cut)), "quality: ellipsis lines");
}

TEST(Quality, WantsLettersInWords) {
  EXPECT_EQ(quality(times(20, "of the road and ") + times(20, "1,234 ")), "");
  EXPECT_EQ(quality(times(20, "of the road and ") + times(21, "1,234 ")),
            "quality: words without letters");
}

TEST(Quality, WantsTwoDifferentStopWords) {
  EXPECT_EQ(quality(times(60, "road ") + "The the the"), "quality: stop words");
  EXPECT_EQ(quality(times(60, "road ") + "The hills WITH"), "");
  // Not as parts of words.
  EXPECT_EQ(quality(times(60, "road ") + "the theory often"), "quality: stop words");
}

TEST(Repetition, LetsProsePass) {
  EXPECT_EQ(repetition(kProse), "");
  EXPECT_EQ(repetition("Yes."), "");
  EXPECT_EQ(repetition(""), "");
  EXPECT_EQ(repetition("a b c d"), "");
}

// `different` lines, and one line `same` times.
std::string lines(int different, int same, const std::string& end) {
  Random random = test::text_random(7);
  std::string text;
  for (int i = 0; i < different; ++i) text += test::join(test::random_words(12, random)) + end;
  return text + times(same, test::join(test::random_words(6, random)) + end);
}

// By the rules for lines and paragraphs alone.
std::string line_repetition(const std::string& text) {
  const RepetitionLimits limits = {.most_frequent_ngram = {9, 9, 9},
                                   .duplicate_ngrams = {1, 1, 1, 1, 1, 1}};
  return broken(Repetition(limits), text);
}

TEST(Repetition, CountsLines) {
  EXPECT_EQ(line_repetition(lines(15, 7, "\n")), "");  // 6 of 22 stood before: 27 %
  EXPECT_EQ(line_repetition(lines(14, 7, "\n")), "");  // 6 of 21: 29 %
  EXPECT_EQ(line_repetition(lines(12, 7, "\n")), "repetition: lines");
}

TEST(Repetition, WeighsLines) {
  Random random = test::text_random(8);
  std::string text;
  for (int i = 0; i < 20; ++i) text += test::join(test::random_words(4, random)) + "\n";
  const std::string longer = test::join(test::random_words(32, random)) + "\n";
  EXPECT_EQ(line_repetition(text + longer), "");
  EXPECT_EQ(line_repetition(text + longer + longer), "repetition: lines");  // one line of 22
}

TEST(Repetition, CountsParagraphs) {
  // One paragraph of sixty lines and the same short one again and again: few lines repeat.
  const std::string text = lines(60, 0, "\n") + "\n";
  EXPECT_EQ(line_repetition(text + lines(0, 1, "\n\n")), "");
  EXPECT_EQ(line_repetition(text + lines(0, 3, "\n\n")), "repetition: paragraphs");
}

TEST(Repetition, FindsTheMostFrequentNgram) {
  Random random = test::text_random(9);
  const auto with_every = [&](std::size_t distance) {
    std::vector<std::string> words;
    for (int i = 0; i < 40; ++i) {
      for (std::string& word : test::random_words(distance, random)) words.push_back(word);
      words.insert(words.end(), {"click", "here"});
    }
    return test::join(words);
  };
  EXPECT_EQ(repetition(with_every(12)), "");
  EXPECT_EQ(repetition(with_every(4)), "repetition: frequent n-gram");
}

TEST(Repetition, FindsNgramsThatStoodBefore) {
  Random random = test::text_random(10);
  // Different phrases of eight words, each twice, between others.
  const auto doubled = [&](int phrases, int others) {
    std::string text;
    for (int i = 0; i < phrases; ++i) {
      const std::string words = test::join(test::random_words(8, random));
      text += words + ", " + test::join(test::random_words(3, random)) + " " + words + ". ";
    }
    return text + test::join(test::random_words(static_cast<std::size_t>(others), random));
  };
  EXPECT_EQ(repetition(doubled(10, 10)), "repetition: duplicate n-grams");
  EXPECT_EQ(repetition(doubled(10, 900)), "");
}

TEST(Repetition, NeverCountsAWordTwice) {
  // All but the first six words stood before, in n-grams that overlap.
  const Repetition rule({.most_frequent_ngram = {9, 9, 9},
                         .duplicate_ngrams = {0.999, 0.999, 0.999, 0.999, 0.999, 0.999}});
  EXPECT_EQ(broken(rule, times(200, "one two three ")), "");
}

}  // namespace
}  // namespace cram::selection
