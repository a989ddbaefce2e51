// WordPiece vocabularies from text.
#include "cram/tokenizer/train.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/interrupt.h"
#include "cram/base/random.h"

#include "tokenizer/tokenizer_files.h"

namespace cram::tokenizer {
namespace {

using test::data_error_of;
using testing::HasSubstr;

TextSource source_of(const std::vector<std::string>& texts) {
  return [texts, next = std::size_t{0}]() mutable -> std::optional<std::string> {
    if (next == texts.size()) return std::nullopt;
    return texts[next++];
  };
}

std::vector<std::string> tokens_of(const Tokenizer& tokenizer) {
  std::vector<std::string> tokens;
  for (TokenId id = 0; id < tokenizer.vocab_size(); ++id) tokens.emplace_back(tokenizer.token(id));
  return tokens;
}

std::vector<std::string> train(const std::vector<std::string>& texts, std::int64_t vocab_size,
                               int threads = 1) {
  const TrainOptions options{.vocab_size = vocab_size, .threads = threads};
  return tokens_of(*train_tokenizer(options, source_of(texts)));
}

// Words made of a few syllables, so that many pairs repeat.
std::vector<std::string> random_texts(std::uint64_t seed, int documents) {
  const std::vector<std::string> syllables = {"ba", "na", "do", "ri", "stra",
                                              "e",  "in", "gu", "o",  "\u00df"};
  std::vector<std::string> texts;
  for (int i = 0; i < documents; ++i) {
    Random random(seed, RandomStream::kSample, static_cast<std::uint64_t>(i));
    std::string text;
    for (int word = 0; word < 60; ++word) {
      for (std::uint32_t part = 0; part <= random.below(4); ++part) {
        const std::uint32_t many = static_cast<std::uint32_t>(syllables.size());
        text += syllables[std::min(random.below(many), random.below(many))];
      }
      text += random.below(8) == 0 ? ". " : " ";
    }
    texts.push_back(text);
  }
  return texts;
}

// The algorithm as one would write it down: count all pairs afresh before each step.
std::vector<std::string> train_slowly(const std::vector<std::string>& words,
                                      std::size_t vocab_size) {
  std::vector<std::string> tokens = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  std::set<std::string> first;
  std::set<std::string> inner;
  for (const std::string& word : words) {
    for (std::size_t i = 0; i < word.size(); ++i) {
      first.insert(word.substr(i, 1));
      if (i > 0) inner.insert("##" + word.substr(i, 1));
    }
  }
  tokens.insert(tokens.end(), first.begin(), first.end());
  tokens.insert(tokens.end(), inner.begin(), inner.end());
  const auto id_of = [&](const std::string& token) {
    return std::find(tokens.begin(), tokens.end(), token) - tokens.begin();
  };
  std::vector<std::vector<std::string>> cut;
  for (const std::string& word : words) {
    cut.push_back({word.substr(0, 1)});
    for (std::size_t i = 1; i < word.size(); ++i) cut.back().push_back("##" + word.substr(i, 1));
  }
  while (tokens.size() < vocab_size) {
    std::map<std::pair<std::string, std::string>, int> counts;
    for (const auto& word : cut) {
      for (std::size_t i = 0; i + 1 < word.size(); ++i) ++counts[{word[i], word[i + 1]}];
    }
    const auto better = [&](const auto& a, const auto& b) {
      if (a.second != b.second) return a.second > b.second;
      return std::pair(id_of(a.first.first), id_of(a.first.second)) <
             std::pair(id_of(b.first.first), id_of(b.first.second));
    };
    const auto best = std::min_element(counts.begin(), counts.end(), better)->first;
    const std::string joined = best.first + best.second.substr(2);
    if (std::find(tokens.begin(), tokens.end(), joined) == tokens.end()) tokens.push_back(joined);
    for (auto& word : cut) {
      for (std::size_t i = 0; i + 1 < word.size(); ++i) {
        if (word[i] != best.first || word[i + 1] != best.second) continue;
        word[i] = joined;
        word.erase(word.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      }
    }
  }
  return tokens;
}

TEST(TrainWordPiece, JoinsTheMostFrequentPairsFirst) {
  // Pairs: (##u, ##g) 20, (##u, ##n) 16, (h, ##ug) 15, (p, ##un) 12; then (p, ##ug) and (hug, ##s)
  // come 5 times both, and p is the older token.
  const std::vector<std::string> texts = {test::repeated("hug ", 10) + test::repeated("pug ", 5) +
                                          test::repeated("pun ", 12) + test::repeated("bun ", 4) +
                                          test::repeated("hugs ", 5)};
  EXPECT_EQ(train(texts, 22), (std::vector<std::string>{
                                  "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "b",   "g",   "h",
                                  "n",     "p",     "s",     "u",     "##g",    "##n", "##s", "##u",
                                  "##ug",  "##un",  "hug",   "pun",   "pug",    "hugs"}));
}

TEST(TrainWordPiece, AgreesWithTheAlgorithmWrittenDownPlainly) {
  Random random(5, RandomStream::kSample, 0);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> words;
    std::string text;
    for (int i = 0; i < 300; ++i) {
      std::string word;
      for (std::uint32_t letters = 1 + random.below(7); letters > 0; --letters) {
        word += static_cast<char>('a' + std::min(random.below(6), random.below(6)));
      }
      words.push_back(word);
      text += word + ' ';
    }
    EXPECT_EQ(train({text}, 80), train_slowly(words, 80)) << text;
  }
}

TEST(TrainWordPiece, IsTheSameForAnyNumberOfThreads) {
  // More than one batch of documents, so that threads do share the work.
  const std::vector<std::string> texts = random_texts(3, 8000);
  const std::vector<std::string> expected = train(texts, 300, 1);
  EXPECT_EQ(train(texts, 300, 2), expected);
  EXPECT_EQ(train(texts, 300, 7), expected);
}

TEST(TrainWordPiece, DoesNotDependOnTheOrderOfTheText) {
  std::vector<std::string> texts = random_texts(4, 50);
  const std::vector<std::string> expected = train(texts, 200);
  std::reverse(texts.begin(), texts.end());
  EXPECT_EQ(train(texts, 200), expected);
}

TEST(TrainWordPiece, CoversItsOwnText) {
  const std::vector<std::string> texts = random_texts(6, 50);
  const TrainOptions options{.vocab_size = 150};
  const auto tokenizer = train_tokenizer(options, source_of(texts));
  EXPECT_EQ(tokenizer->vocab_size(), 150);
  EXPECT_EQ(tokenizer->special_tokens().mask, 4U);
  for (const std::string& text : texts) {
    for (const TokenId id : tokenizer->encode(text)) EXPECT_FALSE(tokenizer->is_special(id));
  }
}

TEST(TrainWordPiece, NormalisesTheText) {
  const TrainOptions options{.vocab_size = 11, .normalization = {.ascii_only = true}};
  const auto tokenizer = train_tokenizer(options, source_of({"\u00c9T\u00e9 et\u4e2d ete ETE et"}));
  const std::vector<std::string> tokens = tokens_of(*tokenizer);
  EXPECT_THAT(tokens, testing::IsSupersetOf({"e", "t", "##e", "##t", "ete"}));
  EXPECT_THAT(tokens, testing::Not(testing::Contains("\u00e9")));
}

TEST(TrainWordPiece, KeepsTheThousandMostFrequentCharacters) {
  std::string text;
  for (int code = 0; code < 1500; ++code) {
    const int character = 0xAC00 + code;  // Hangul, which keeps its composed form without stripping
    const std::string utf8 = {static_cast<char>(0xE0 | character >> 12),
                              static_cast<char>(0x80 | (character >> 6 & 63)),
                              static_cast<char>(0x80 | (character & 63))};
    for (int times = 0; times < 1 + code / 500; ++times) text += utf8 + ' ';
  }
  const TrainOptions options{.vocab_size = 1005, .normalization = {.strip_accents = false}};
  const auto tokenizer = train_tokenizer(options, source_of({text}));
  EXPECT_EQ(tokenizer->encode("\uac00"), std::vector<TokenId>{1}) << "rare";
  EXPECT_NE(tokenizer->encode("\uafff"), std::vector<TokenId>{1}) << "more frequent";
}

TEST(TrainWordPiece, LeavesOutWordsThatNeverBecomeTokens) {
  const std::string text = "cat cat cats " + std::string(1'000'000, 'z') + " dog";
  EXPECT_THAT(train({text}, 20), testing::Not(testing::Contains("z")));
}

TEST(TrainWordPiece, SaysWhenTheTextIsTooSmall) {
  EXPECT_THAT(data_error_of([] { (void)train({"cat cats"}, 1000); }),
              HasSubstr("gives only 15 tokens"));
  EXPECT_THAT(data_error_of([] { (void)train({}, 1000); }), HasSubstr("gives only 5 tokens"));
  EXPECT_THAT(data_error_of([] { (void)train({"the quick brown fox"}, 10); }),
              HasSubstr("more than the vocabulary of 10"));
}

TEST(TrainWordPiece, StopsWhenAsked) {
  interrupt::request_stop(15);
  EXPECT_THROW((void)train({"cat cats"}, 15), Interrupted);
  interrupt::clear();
}

TEST(TrainWordPiece, PassesOnWhatTheSourceThrows) {
  const TextSource broken = []() -> std::optional<std::string> {
    throw Error(ErrorCode::kData, "a.jsonl:1: broken");
  };
  EXPECT_EQ(data_error_of([&] { (void)train_tokenizer({.threads = 3}, broken); }),
            "a.jsonl:1: broken");
}

}  // namespace
}  // namespace cram::tokenizer
