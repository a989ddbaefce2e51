#include "cram/corpus/masking.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "cram/base/error.h"

#include "corpus/fake_tokenizer.h"

namespace cram::corpus {
namespace {

// A vocabulary so large that a random token is hardly ever the true one or a special one.
const test::FakeTokenizer& large_tokenizer() {
  static const test::FakeTokenizer tokenizer(1 << 20);
  return tokenizer;
}

std::vector<TokenId> encode(const std::string& text) {
  std::vector<TokenId> tokens;
  large_tokenizer().encode(text, tokens);
  return tokens;
}

struct Masked {
  std::vector<TokenId> tokens;
  std::vector<std::int64_t> positions;
  std::vector<TokenId> targets;
  bool operator==(const Masked&) const = default;
};

Masked apply(const Masking& masking, std::uint64_t draw, double rate, std::vector<TokenId> tokens) {
  Masked masked;
  masked.tokens = std::move(tokens);
  masking.apply(Random(1, RandomStream::kMasking, draw), rate, masked.tokens, masked.positions,
                masked.targets);
  return masked;
}

// The sum of squared deviations from equal frequencies, in units in which it has a chi-square
// distribution when each draw puts `drawn` different items out of counts.size() (exactly, where
// drawn is 1; Cochran's correction for draws without replacement else).
double chi_square(const std::vector<int>& counts, int draws, int drawn) {
  const double n = static_cast<double>(counts.size());
  const double expected = draws * drawn / n;
  double sum = 0;
  for (const int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum * (n - 1) / (n - drawn);
}

// Five standard deviations above the mean of the distribution: one in millions by chance.
double chi_square_limit(std::size_t cells) {
  const double freedom = static_cast<double>(cells - 1);
  return freedom + 5 * std::sqrt(2 * freedom);
}

TEST(Masking, CountsLikeThePaper) {
  EXPECT_EQ(Masking::count(0.25, 128), 32);
  EXPECT_EQ(Masking::count(0.15, 128), 19);
  EXPECT_EQ(Masking::count(0.15, 512), 77);
  EXPECT_EQ(Masking::count(0.001, 128), 1);
  EXPECT_EQ(Masking::count(0.0, 128), 1);
  EXPECT_EQ(Masking::count(1.0, 128), 128);
  EXPECT_EQ(Masking::count(0.25, 0), 0);
}

TEST(Masking, ChoosesExactlyThatManyAndRemembersTheTruth) {
  const Masking masking({}, large_tokenizer());
  for (const double rate : {0.01, 0.15, 0.25, 0.5, 1.0}) {
    for (const std::size_t length : {1, 2, 7, 128, 1000}) {
      const auto tokens = encode(std::string(length, 'x') + "y");
      const Masked masked = apply(masking, length, rate, tokens);
      ASSERT_EQ(std::ssize(masked.positions), Masking::count(rate, std::ssize(tokens)));
      ASSERT_TRUE(std::is_sorted(masked.positions.begin(), masked.positions.end()));
      ASSERT_EQ(std::set(masked.positions.begin(), masked.positions.end()).size(),
                masked.positions.size());
      auto restored = masked.tokens;
      for (std::size_t i = 0; i < masked.positions.size(); ++i) {
        restored[static_cast<std::size_t>(masked.positions[i])] = masked.targets[i];
      }
      EXPECT_EQ(restored, tokens);
    }
  }
}

TEST(Masking, CorruptsEightyTenTenWithExactCounts) {
  const Masking masking({}, large_tokenizer());
  const auto tokens = encode(std::string(128, 'x'));
  for (std::uint64_t draw = 0; draw < 2000; ++draw) {
    const Masked masked = apply(masking, draw, 0.25, tokens);
    int masks = 0, same = 0, random = 0;
    for (const std::int64_t position : masked.positions) {
      const TokenId shown = masked.tokens[static_cast<std::size_t>(position)];
      masks += shown == large_tokenizer().special_tokens().mask;
      same += shown == tokens[0];
      random += shown != tokens[0] && shown != large_tokenizer().special_tokens().mask;
    }
    // round(.8 * 32) and round(.9 * 32) - 26, as in the authors' code.
    ASSERT_EQ(masks, 26) << draw;
    ASSERT_EQ(random, 3) << draw;
    ASSERT_EQ(same, 3) << draw;
  }
}

TEST(Masking, TakesOtherShares) {
  const auto tokens = encode(std::string(100, 'x'));
  const TokenId mask = large_tokenizer().special_tokens().mask;
  const Masked all =
      apply(Masking({.mask_share = 1, .random_share = 0}, large_tokenizer()), 0, 0.5, tokens);
  EXPECT_EQ(std::count(all.tokens.begin(), all.tokens.end(), mask), 50);
  const Masked none =
      apply(Masking({.mask_share = 0, .random_share = 0}, large_tokenizer()), 0, 0.5, tokens);
  EXPECT_EQ(none.tokens, tokens);
  const Masked random =
      apply(Masking({.mask_share = 0, .random_share = 1}, large_tokenizer()), 0, 0.5, tokens);
  EXPECT_EQ(std::count(random.tokens.begin(), random.tokens.end(), tokens[0]), 50);
  EXPECT_THROW(Masking({.mask_share = 0.9, .random_share = 0.2}, large_tokenizer()), Error);
  EXPECT_THROW(Masking({.mask_share = -0.1, .random_share = 0.2}, large_tokenizer()), Error);
  EXPECT_THROW(Masking({.mask_share = std::nan(""), .random_share = 0.2}, large_tokenizer()),
               Error);
}

TEST(Masking, ChoosesEveryPositionEquallyOften) {
  const Masking masking({}, large_tokenizer());
  const auto tokens = encode(std::string(128, 'x'));
  constexpr int kDraws = 20000;
  std::vector<int> chosen(128), masked_there(128), unchanged_there(128);
  for (int draw = 0; draw < kDraws; ++draw) {
    const Masked masked = apply(masking, static_cast<std::uint64_t>(draw), 0.25, tokens);
    for (const std::int64_t position : masked.positions) {
      const auto at = static_cast<std::size_t>(position);
      ++chosen[at];
      masked_there[at] += masked.tokens[at] == large_tokenizer().special_tokens().mask;
      unchanged_there[at] += masked.tokens[at] == tokens[at];
    }
  }
  EXPECT_LT(chi_square(chosen, kDraws, 32), chi_square_limit(128));
  EXPECT_LT(chi_square(masked_there, kDraws, 26), chi_square_limit(128));
  EXPECT_LT(chi_square(unchanged_there, kDraws, 3), chi_square_limit(128));
}

TEST(Masking, ChoosesEveryPairEquallyOften) {
  const Masking masking({}, large_tokenizer());
  const auto tokens = encode(std::string(8, 'x'));
  constexpr int kDraws = 28000;
  std::map<std::pair<std::int64_t, std::int64_t>, int> pairs;
  for (int draw = 0; draw < kDraws; ++draw) {
    const Masked masked = apply(masking, static_cast<std::uint64_t>(draw), 0.25, tokens);
    ++pairs[{masked.positions.at(0), masked.positions.at(1)}];
  }
  std::vector<int> counts;
  for (const auto& [pair, count] : pairs) counts.push_back(count);
  ASSERT_EQ(counts.size(), 28U);
  EXPECT_LT(chi_square(counts, kDraws, 1), chi_square_limit(28));
}

TEST(Masking, DrawsRandomTokensFromTheWholeVocabulary) {
  const test::FakeTokenizer tokenizer(5);
  const Masking masking({.mask_share = 0, .random_share = 1}, tokenizer);
  std::vector<int> counts(static_cast<std::size_t>(tokenizer.vocab_size()));
  constexpr int kDraws = 1000;
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    for (const TokenId id : apply(masking, draw, 1.0, std::vector<TokenId>(100, 7)).tokens) {
      ++counts.at(id);
    }
  }
  EXPECT_LT(chi_square(counts, 100 * kDraws, 1), chi_square_limit(counts.size()));
}

TEST(Masking, NeverChoosesPadding) {
  for (const bool whole_word : {false, true}) {
    const Masking masking({.whole_word = whole_word}, large_tokenizer());
    auto tokens = encode("Some Words And Then Nothing");
    tokens.resize(64, large_tokenizer().special_tokens().pad);
    for (std::uint64_t draw = 0; draw < 200; ++draw) {
      const Masked masked = apply(masking, draw, 0.5, tokens);
      EXPECT_EQ(std::ssize(masked.positions), Masking::count(0.5, 27));
      for (const std::int64_t position : masked.positions) EXPECT_LT(position, 27);
    }
    const Masked empty = apply(masking, 0, 0.5, std::vector<TokenId>(9, 0));
    EXPECT_TRUE(empty.positions.empty() && empty.targets.empty());
  }
}

TEST(Masking, IsAFunctionOfItsRandomNumbersAlone) {
  const Masking masking({}, large_tokenizer());
  const auto tokens = encode(std::string(128, 'x'));
  const Masked first = apply(masking, 5, 0.25, tokens);
  (void)apply(masking, 6, 0.9, tokens);
  EXPECT_EQ(apply(masking, 5, 0.25, tokens), first);
  EXPECT_NE(apply(masking, 6, 0.25, tokens).positions, first.positions);
}

TEST(WholeWordMasking, CutsAtMostOneWord) {
  const Masking masking({.whole_word = true}, large_tokenizer());
  std::string text;
  for (int word = 0; word < 30; ++word)
    text += "W" + std::string(static_cast<std::size_t>(word % 6), 'w');
  const auto tokens = encode(text);
  int cut_draws = 0;
  for (std::uint64_t draw = 0; draw < 500; ++draw) {
    const Masked masked = apply(masking, draw, 0.25, tokens);
    ASSERT_EQ(std::ssize(masked.positions), Masking::count(0.25, std::ssize(tokens)));
    const std::set<std::int64_t> chosen(masked.positions.begin(), masked.positions.end());
    int cut = 0;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('W', begin + 1), text.size());
      std::size_t inside = 0;
      for (std::size_t i = begin; i < end; ++i)
        inside += chosen.contains(static_cast<std::int64_t>(i));
      // What is cut of a word is its end.
      EXPECT_TRUE(inside == 0 || chosen.contains(static_cast<std::int64_t>(begin)));
      cut += inside > 0 && inside < end - begin;
      begin = end;
    }
    ASSERT_LE(cut, 1) << draw;
    cut_draws += cut;
  }
  EXPECT_GT(cut_draws, 0);
}

TEST(WholeWordMasking, ChoosesEveryWordEquallyOften) {
  const Masking masking({.whole_word = true}, large_tokenizer());
  std::string text;
  for (int word = 0; word < 20; ++word) text += "Word";
  const auto tokens = encode(text);
  constexpr int kDraws = 10000;
  std::vector<int> chosen(20), masked_at(4);
  for (int draw = 0; draw < kDraws; ++draw) {
    const Masked masked = apply(masking, static_cast<std::uint64_t>(draw), 0.25, tokens);
    for (const std::int64_t position : masked.positions) {
      const auto at = static_cast<std::size_t>(position);
      if (position % 4 == 0) ++chosen[at / 4];
      masked_at[at % 4] += masked.tokens[at] == large_tokenizer().special_tokens().mask;
    }
  }
  EXPECT_LT(chi_square(chosen, kDraws, 5), chi_square_limit(20));
  // 16 of 20 positions a draw show [MASK]; each place in a word as often as the others.
  EXPECT_LT(chi_square(masked_at, 16 * kDraws, 1), chi_square_limit(4));
}

TEST(WholeWordMasking, AWordEndsWithItsDocument) {
  const Masking masking({.mask_share = 1, .random_share = 0, .whole_word = true},
                        large_tokenizer());
  auto tokens = encode("Aa");
  tokens.push_back(large_tokenizer().special_tokens().sep);
  for (const TokenId id : encode("bb")) tokens.push_back(id);  // would continue a word
  std::set<std::vector<std::int64_t>> draws;
  for (std::uint64_t draw = 0; draw < 200; ++draw) {
    draws.insert(apply(masking, draw, 0.4, tokens).positions);
  }
  // Two tokens: a whole word, or [SEP] and the beginning of one. Never "a" and [SEP] alone.
  const std::set<std::vector<std::int64_t>> expected = {{0, 1}, {3, 4}, {0, 2}, {2, 3}};
  EXPECT_EQ(draws, expected);
}

}  // namespace
}  // namespace cram::corpus
