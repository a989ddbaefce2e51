// Quality and repetition: for each rule a text that must go and one, almost the same, that must
// stay.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/units.h"
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

// What a rule that nothing passes says of the text.
std::string detail(const QualityLimits& limits, const std::string& text) {
  const auto drop = Quality(limits).judge(Document(text));
  return drop ? drop->detail : "";
}

// One word after the other.
TEST(Quality, CountsWhatTheDefinitionSays) {
  Random random = test::text_random(61);
  const std::vector<std::string> pieces = {" ", "\n", "\t", "a",  "Z", "é",
                                           "—", "1",  ".",  "日", "(", "\x1F"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::uint32_t i = random.below(200), kinds = 3 + random.below(10); i > 0; --i) {
      text += pieces[random.below(std::min<std::uint32_t>(kinds, 12))];
    }
    std::istringstream stream(text);
    std::int64_t words = 0, with_letters = 0, characters = 0;
    for (std::string word; stream >> word; ++words) {
      with_letters +=
          std::any_of(word.begin(), word.end(), [](char c) { return c < 0 || std::isalpha(c); });
      characters +=
          std::count_if(word.begin(), word.end(), [](char c) { return (c & 0xC0) != 0x80; });
    }
    ASSERT_EQ(detail({.min_words = 1000}, text), format_count(words))
        << testing::PrintToString(text);
    if (words == 0) continue;
    const auto share = [&](std::int64_t part) {
      return static_cast<double>(part) / static_cast<double>(words);
    };
    ASSERT_EQ(detail({.min_words = 1, .min_mean_word_length = 1e9}, text),
              format_fixed(share(characters), 2))
        << testing::PrintToString(text);
    ASSERT_EQ(detail({.min_words = 1,
                      .min_mean_word_length = 0,
                      .max_mean_word_length = 1e9,
                      .max_symbols = 1e9,
                      .max_bullet_lines = 1,
                      .max_ellipsis_lines = 1,
                      .min_words_with_letters = 2},
                     text),
              format_fixed(1 - share(with_letters), 2))
        << testing::PrintToString(text);
  }
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

// The rules for n-grams by their definition, with n-grams as text.
class ByDefinition {
 public:
  ByDefinition(const std::string& text, const RepetitionLimits& limits)
      : words_(text),
        limits_(limits),
        all_(words_.size() > 0 ? words_.bytes(0, words_.size()) : 0) {}

  [[nodiscard]] std::string broken() const {
    for (std::size_t i = 0; i < limits_.most_frequent_ngram.size(); ++i) {
      if (frequent(2 + i) > limits_.most_frequent_ngram[i]) return "repetition: frequent n-gram";
    }
    for (std::size_t i = 0; i < limits_.duplicate_ngrams.size(); ++i) {
      if (duplicate(5 + i) > limits_.duplicate_ngrams[i]) return "repetition: duplicate n-grams";
    }
    return "";
  }

 private:
  // The share of the first of the most frequent ones.
  [[nodiscard]] double frequent(std::size_t length) const {
    std::map<std::string_view, std::size_t> counts;
    std::string_view found;
    for (std::size_t i = 0; i + length <= words_.size(); ++i) {
      const std::string_view ngram = words_.range(i, length);
      if (++counts[ngram] > counts[found]) found = ngram;
    }
    return counts[found] < 2 ? 0 : share(counts[found] * (found.size() - length + 1));
  }
  [[nodiscard]] double duplicate(std::size_t length) const {
    std::set<std::string_view> seen;
    std::vector<bool> repeated(words_.size());
    for (std::size_t i = 0; i + length <= words_.size(); ++i) {
      if (seen.insert(words_.range(i, length)).second) continue;
      std::fill_n(repeated.begin() + static_cast<std::ptrdiff_t>(i), length, true);
    }
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < repeated.size(); ++i) bytes += repeated[i] ? words_[i].size() : 0;
    return share(bytes);
  }
  [[nodiscard]] double share(std::size_t bytes) const {
    return static_cast<double>(bytes) / static_cast<double>(all_);
  }

  Words words_;
  RepetitionLimits limits_;
  std::size_t all_;
};

TEST(Repetition, JudgesNgramsByTheDefinition) {
  Random random = test::text_random(62);
  std::map<std::string, int> rules;
  for (int round = 0; round < 3000; ++round) {
    const std::vector<std::string> words = test::random_words(5 + random.below(300), random);
    std::string text;
    for (std::uint32_t i = random.below(300); i > 0; --i) {
      // Some words in a row, now and then those that stood before.
      const std::size_t first = random.below(static_cast<std::uint32_t>(words.size()));
      for (std::size_t j = first; j < std::min(words.size(), first + 1 + random.below(8)); ++j) {
        text += words[j] + " ";
      }
    }
    RepetitionLimits limits = {.duplicate_lines = 1,
                               .duplicate_paragraphs = 1,
                               .characters_in_duplicate_lines = 1,
                               .characters_in_duplicate_paragraphs = 1};
    const double strictness = 0.05 + random.uniform();
    for (double& limit : limits.most_frequent_ngram) limit *= strictness;
    for (double& limit : limits.duplicate_ngrams) limit *= 3 * strictness;
    const std::string expected = ByDefinition(text, limits).broken();
    ASSERT_EQ(broken(Repetition(limits), text), expected) << text;
    ++rules[expected];
  }
  EXPECT_EQ(rules.size(), 3U);
  for (const auto& [rule, count] : rules) EXPECT_GT(count, 100) << rule;
}

}  // namespace
}  // namespace cram::selection
