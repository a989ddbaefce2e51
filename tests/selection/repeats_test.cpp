// What stood before is found, all of it and nothing else, in whatever memory.
#include "cram/selection/repeats.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <unordered_map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/interrupt.h"
#include "cram/text/document.h"

#include "selection/planted_text.h"

namespace cram::selection {

void PrintTo(const Span& span, std::ostream* out) {
  *out << "[" << span.begin << ", " << span.end << ")";
}

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string joined(const std::vector<std::string>& documents) {
  std::string text;
  for (const std::string& document : documents) text += document + kDocumentEnd;
  return text;
}

std::vector<Span> all_repeats(std::string_view text, const RepeatOptions& options) {
  std::vector<Span> spans;
  find_repeats(text, options, [&](const Span& span) { spans.push_back(span); });
  return spans;
}

std::vector<Span> repeats(const std::vector<std::string>& documents, std::size_t bytes) {
  return all_repeats(joined(documents), {.bytes = bytes});
}

TEST(Repeats, AreFoundInOtherDocumentsAndInTheSame) {
  EXPECT_THAT(repeats({"0123456789", "ab23456cd"}, 5), ElementsAre(Span{13, 18}));
  EXPECT_THAT(repeats({"abcdef--abcdef"}, 6), ElementsAre(Span{8, 14}));
  EXPECT_THAT(repeats({"0123456789", "0123456789"}, 5), ElementsAre(Span{11, 21}));
}

TEST(Repeats, HaveTheLengthAskedFor) {
  EXPECT_THAT(repeats({"0123456789", "ab23456cd"}, 6), IsEmpty());
  EXPECT_THAT(repeats({"", "ab", "ab"}, 3), IsEmpty());
  EXPECT_THAT(repeats({}, 3), IsEmpty());
  EXPECT_THAT(repeats({"aba"}, 1), ElementsAre(Span{2, 3}));
}

TEST(Repeats, DoNotReachOverTheEndOfADocument) {
  EXPECT_THAT(repeats({"abcd", "efgh", "abcdefgh"}, 6), IsEmpty());
  EXPECT_THAT(repeats({"abcdefgh", "abcd", "efgh"}, 6), IsEmpty());
  EXPECT_THAT(repeats({"abcdefgh", "abcd", "efgh"}, 4), ElementsAre(Span{9, 13}, Span{14, 18}));
}

TEST(Repeats, LeaveTheFirstPlaceWhole) {
  // Of a period shorter than a repeat, too.
  EXPECT_THAT(repeats({std::string(9, 'a')}, 5), IsEmpty());
  EXPECT_THAT(repeats({std::string(10, 'a')}, 5), ElementsAre(Span{5, 10}));
  EXPECT_THAT(repeats({"ababababab"}, 4), ElementsAre(Span{4, 10}));
}

TEST(Repeats, ThatTouchAreOne) {
  EXPECT_THAT(repeats({"abcd", "efgh", "abcdefgh"}, 4), ElementsAre(Span{10, 18}));
}

// Every run of k bytes, looked up by its text.
std::vector<Span> by_brute_force(const std::string& text, std::size_t bytes) {
  std::unordered_map<std::string_view, std::size_t> first;
  std::string marked(text.size(), '.');
  for (std::size_t i = 0; i + bytes <= text.size(); ++i) {
    const std::string_view run = std::string_view(text).substr(i, bytes);
    if (run.find(kDocumentEnd) != std::string_view::npos) continue;
    const std::size_t before = first.emplace(run, i).first->second;
    if (before + bytes <= i) marked.replace(i, bytes, bytes, 'x');
  }
  std::vector<Span> spans;
  for (std::size_t begin = 0, end = 0; (begin = marked.find('x', end)) != std::string::npos;) {
    end = std::min(marked.find('.', begin), marked.size());
    spans.push_back({begin, end});
  }
  return spans;
}

std::vector<std::string> random_documents(std::uint32_t letters, Random& random) {
  std::vector<std::string> documents(1 + random.below(8));
  for (std::string& document : documents) {
    for (std::uint32_t i = random.below(120); i > 0; --i) {
      document += static_cast<char>('a' + random.below(letters));
    }
  }
  return documents;
}

TEST(Repeats, AreThoseOfBruteForceInAnyMemory) {
  Random random = test::text_random(31);
  std::size_t found = 0;
  for (int round = 0; round < 2000; ++round) {
    const auto documents = random_documents(1 + random.below(4), random);
    const std::size_t bytes = 1 + random.below(12);
    const std::vector<Span> expected = by_brute_force(joined(documents), bytes);
    found += expected.size();
    for (const std::int64_t memory : {500, 5000, 1 << 20}) {
      const RepeatOptions options = {.bytes = bytes, .memory = memory, .threads = 1 + round % 3};
      ASSERT_EQ(all_repeats(joined(documents), options), expected)
          << joined(documents) << " " << bytes << " in " << memory;
    }
  }
  EXPECT_GT(found, 5000U);
}

// So large that many threads gather while others mark.
TEST(Repeats, AreThoseOfBruteForceFromManyThreads) {
  Random random = test::text_random(34);
  std::string text;
  while (text.size() < 1'000'000) {
    if (text.size() > 1000 && random.below(3) > 0) {
      const std::size_t begin = random.below(static_cast<std::uint32_t>(text.size() - 300));
      text += text.substr(begin, 1 + random.below(300));
    }
    for (std::uint32_t i = random.below(60); i > 0; --i) {
      text += static_cast<char>('a' + random.below(26));
    }
    if (random.below(8) == 0) text += kDocumentEnd;
  }
  const std::vector<Span> expected = by_brute_force(text, 20);
  EXPECT_GT(expected.size(), 3000U);
  for (const std::int64_t memory : {100'000, 1 << 30}) {
    for (const int threads : {1, 4}) {
      EXPECT_EQ(all_repeats(text, {.bytes = 20, .memory = memory, .threads = threads}), expected);
    }
  }
}

// Longer than what one thread takes at a time, and far apart.
TEST(Repeats, MayBeLong) {
  Random random = test::text_random(33);
  const auto random_text = [&](std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += static_cast<char>('a' + random.below(26));
    return text;
  };
  const std::string document = random_text(600'000);
  const std::string other = random_text(5'000'000);
  const std::uint64_t begin = document.size() + other.size() + 2;
  for (const int threads : {1, 3}) {
    EXPECT_THAT(all_repeats(joined({document, other, document}), {.bytes = 75, .threads = threads}),
                ElementsAre(Span{begin, begin + document.size()}));
  }
}

TEST(Repeats, TellHowFarTheyAre) {
  std::vector<double> shares;
  const std::string text = joined({std::string(1000, 'a'), std::string(1000, 'b')});
  find_repeats(
      text, {.bytes = 5, .memory = 5000}, [](const Span&) {},
      [&](double share) { shares.push_back(share); });
  EXPECT_GT(shares.size(), 5U);
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_EQ(shares.back(), 1);
}

TEST(Repeats, StopWhenAskedTo) {
  Random random = test::text_random(35);
  const std::string text =
      joined(std::vector<std::string>(5, test::join(test::random_words(30'000, random))));
  for (const int threads : {1, 3}) {
    for (const double when : {0.0, 0.4, 0.6, 0.9}) {
      int calls_after = -1;
      const auto stop = [&](double share) {
        if (share < when) return;
        if (++calls_after == 0) interrupt::request_stop(SIGTERM);
      };
      const RepeatOptions options = {.bytes = 75, .memory = 20'000, .threads = threads};
      EXPECT_THROW(find_repeats(
                       text, options, [](const Span&) {}, stop),
                   Interrupted)
          << when;
      EXPECT_LT(calls_after, 50) << when;
      interrupt::clear();
    }
  }
}

// Passages planted in articles: those of the length are found, those a byte shorter are not.
TEST(Repeats, AreFoundAmongArticles) {
  const std::filesystem::path folder =
      std::filesystem::path(CRAM_SHARED_DIR) / "data" / "wikipedia";
  if (!text::can_read_parquet() || !std::filesystem::exists(folder)) GTEST_SKIP();
  text::BadRecords bad;
  const auto files = text::find_sources({folder.string()});
  const auto reader = text::open_documents(files[0], {}, bad);
  std::vector<std::string> articles;
  while (articles.size() < 1000) articles.push_back(reader->next().value().text);
  const std::string text = joined(articles);
  const std::vector<Span> before = all_repeats(text, {.bytes = 75});

  Random random = test::text_random(32);
  std::string planted = text;
  std::vector<Span> expected = before;
  int longer = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::size_t length = i % 2 == 0 ? 74 : 75 + random.below(200);
    const std::size_t from = random.below(static_cast<std::uint32_t>(text.size() - 300));
    const std::string passage = text.substr(from, length);
    if (passage.find(kDocumentEnd) != std::string::npos) continue;
    planted += '\x01';  // stands nowhere else
    if (length >= 75) expected.push_back({planted.size(), planted.size() + length});
    longer += length >= 75 ? 1 : 0;
    planted += passage + kDocumentEnd;
  }
  EXPECT_EQ(all_repeats(planted, {.bytes = 75, .memory = 64 << 20}), expected);
  std::printf("%d planted passages found and nothing else; %zu repeats before\n", longer,
              before.size());
  EXPECT_GT(longer, 800);
}

}  // namespace
}  // namespace cram::selection
