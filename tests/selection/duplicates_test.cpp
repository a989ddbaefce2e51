// Exact and near duplicates: what must go, what must stay, and how much of each is found.
#include <algorithm>
#include <cstdio>
#include <optional>

#include <gtest/gtest.h>

#include "cram/selection/exact_duplicates.h"
#include "cram/selection/near_duplicates.h"
#include "cram/text/document.h"
#include "cram/text/sources.h"

#include "selection/planted_text.h"

namespace cram::selection {
namespace {

// Which of the documents go, when the rule has seen all of them before or has not.
std::vector<bool> decisions(DuplicateRule& rule, const std::vector<std::string>& texts,
                            bool foresee) {
  if (foresee) {
    rule.expect(std::ssize(texts));
    for (const std::string& text : texts) rule.foresee(rule.fingerprint(Document(text)));
  }
  std::vector<bool> drops;
  for (const std::string& text : texts) {
    drops.push_back(rule.judge(rule.fingerprint(Document(text))).has_value());
  }
  return drops;
}

template <class Rule, class... Options>
void expect_same_with_foresight(const std::vector<std::string>& texts, const Options&... options) {
  Rule rule(options...);
  Rule foreseeing(options...);
  const std::vector<bool> drops = decisions(rule, texts, false);
  EXPECT_EQ(decisions(foreseeing, texts, true), drops);
  EXPECT_GT(std::count(drops.begin(), drops.end(), true), 50);
  EXPECT_GT(std::count(drops.begin(), drops.end(), false), 50);
}

bool stays(DuplicateRule& rule, const std::string& text) {
  return !rule.judge(rule.fingerprint(Document(text))).has_value();
}

TEST(ExactDuplicates, AreTheSameWordsInTheSameOrder) {
  ExactDuplicates rule;
  EXPECT_TRUE(stays(rule, "The cat sat on the mat."));
  EXPECT_FALSE(stays(rule, "The cat sat on the mat."));
  EXPECT_FALSE(stays(rule, "the cat  sat\non the mat"));
  EXPECT_TRUE(stays(rule, "The cat sat on a mat."));
  EXPECT_TRUE(stays(rule, "The mat sat on the cat."));
  EXPECT_TRUE(stays(rule, "The cat sat on the mat. 2"));
}

TEST(ExactDuplicates, CompareTextsWithoutWordsAsTheyStand) {
  ExactDuplicates rule;
  EXPECT_TRUE(stays(rule, "…"));
  EXPECT_TRUE(stays(rule, "***"));
  EXPECT_FALSE(stays(rule, "***"));
}

TEST(ExactDuplicates, AreFoundAmongMany) {
  ExactDuplicates rule;
  for (int round = 0; round < 2; ++round) {
    int kept = 0;
    for (int i = 0; i < 50'000; ++i) {
      kept += stays(rule, "document number " + std::to_string(i)) ? 1 : 0;
    }
    EXPECT_EQ(kept, round == 0 ? 50'000 : 0);
  }
}

TEST(ExactDuplicates, AreTheSameWhenForeseen) {
  std::vector<std::string> texts = {"…", "***", "***"};
  for (int i = 0; i < 20'000; ++i) texts.push_back("document " + std::to_string(i * i % 12'345));
  expect_same_with_foresight<ExactDuplicates>(texts);
}

TEST(NearDuplicates, AreTheSameWhenForeseen) {
  Random random = test::text_random(5);
  std::vector<std::string> texts = {"…"};
  for (int i = 0; i < 1500; ++i) {
    texts.push_back(test::join(test::random_words(40 + random.below(60), random)));
    const std::string earlier =
        texts[1 + random.below(static_cast<std::uint32_t>(texts.size() - 1))];
    texts.push_back(test::with_changes(earlier, random.below(6), random));
  }
  expect_same_with_foresight<NearDuplicates>(texts, MinHashOptions{});
}

TEST(NearDuplicates, GoWhereAFewWordsDiffer) {
  Random random = test::text_random(1);
  const std::string original = test::join(test::random_words(200, random));
  NearDuplicates rule({});
  EXPECT_TRUE(stays(rule, original));
  EXPECT_FALSE(stays(rule, original));
  EXPECT_FALSE(stays(rule, test::with_changes(original, 2, random)));
  EXPECT_TRUE(stays(rule, test::join(test::random_words(200, random))));
}

TEST(NearDuplicates, StayWhereTheTextIsShortAndDifferent) {
  NearDuplicates rule({});
  EXPECT_TRUE(stays(rule, "Chapter one"));
  EXPECT_TRUE(stays(rule, "Chapter two"));
  EXPECT_FALSE(stays(rule, "CHAPTER TWO."));
  EXPECT_TRUE(stays(rule, "***"));
  EXPECT_TRUE(stays(rule, "***"));  // without words there is nothing to compare
}

// What a rule says of copies whose likeness to the original is known.
struct Score {
  int alike = 0, alike_found = 0;  // at least as similar as the threshold asks
  int unlike = 0, unlike_dropped = 0;

  void add(bool is_alike, bool dropped) {
    (is_alike ? alike : unlike) += 1;
    if (dropped) (is_alike ? alike_found : unlike_dropped) += 1;
  }
  [[nodiscard]] double recall() const { return static_cast<double>(alike_found) / alike; }
  [[nodiscard]] double precision() const {
    return static_cast<double>(alike_found) / (alike_found + unlike_dropped);
  }
};

// Plants a copy of each original with 0 to 8 % of its words changed. Copies whose similarity lies
// within `margin` of the threshold are left out: an estimate may fall on either side there.
Score score_planted(const std::vector<std::string>& originals, double margin) {
  const MinHashOptions options;
  NearDuplicates rule(options);
  Score score;
  for (const std::string& original : originals) score.add(false, !stays(rule, original));
  Random random = test::text_random(2);
  for (const std::string& original : originals) {
    const auto words = static_cast<std::uint32_t>(Words(original).size());
    const std::string copy = test::with_changes(original, random.below(words / 12 + 1), random);
    const double similarity = test::jaccard(original, copy);
    if (std::abs(similarity - options.similarity) < margin) continue;
    score.add(similarity >= options.similarity, !stays(rule, copy));
  }
  return score;
}

void expect_found(const std::vector<std::string>& originals, const char* what) {
  for (const double margin : {0.0, 0.1}) {
    const Score score = score_planted(originals, margin);
    std::printf("%s, margin %.1f: %d near copies, recall %.4f; %d others, precision %.4f\n", what,
                margin, score.alike, score.recall(), score.unlike, score.precision());
    EXPECT_GE(score.recall(), margin == 0 ? 0.9 : 0.98);
    EXPECT_GE(score.precision(), margin == 0 ? 0.9 : 0.99);
  }
}

TEST(NearDuplicates, AreFoundAmongRandomTexts) {
  Random random = test::text_random(3);
  std::vector<std::string> originals;
  for (int i = 0; i < 2000; ++i) {
    originals.push_back(test::join(test::random_words(60 + random.below(200), random)));
  }
  expect_found(originals, "random texts");
}

TEST(NearDuplicates, AreFoundAmongArticles) {
  const std::filesystem::path folder =
      std::filesystem::path(CRAM_SHARED_DIR) / "data" / "wikipedia";
  if (!text::can_read_parquet() || !std::filesystem::exists(folder)) GTEST_SKIP();
  text::BadRecords bad;
  const auto files = text::find_sources({folder.string()});
  const auto reader = text::open_documents(files[0], {}, bad);
  std::vector<std::string> originals;
  while (originals.size() < 3000) {
    const std::optional<text::Document> document = reader->next();
    if (!document) break;
    if (Words(document->text).size() >= 50) originals.push_back(document->text.substr(0, 4000));
  }
  expect_found(originals, "articles");
}

}  // namespace
}  // namespace cram::selection
