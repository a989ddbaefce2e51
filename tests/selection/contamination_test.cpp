#include "cram/selection/contamination.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include <gtest/gtest.h>

#include "cram/text/all_texts.h"

#include "selection/planted_text.h"

namespace cram::selection {
namespace {

const std::string kSentence =
    "The quick brown fox, it is said, jumped over the lazy dog near the old river bank today.";

std::optional<Drop> judge(const Contamination& rule, const std::string& text) {
  return rule.judge(Document(text));
}

TEST(Contamination, IsThirteenWordsInARow) {
  const Contamination rule({kSentence}, 13);
  const auto drop = judge(rule,
                          "Once more: the QUICK brown fox it is said jumped over the lazy "
                          "dog near -- and so on.");
  ASSERT_TRUE(drop);
  EXPECT_EQ(drop->detail, "the quick brown fox it is said jumped over the lazy dog near");
  EXPECT_TRUE(judge(rule, "it is said jumped over the lazy dog near the old river bank"));
  EXPECT_FALSE(judge(rule, "said jumped over the lazy dog near the old river bank today"));
  EXPECT_FALSE(judge(rule, "The quick brown fox it is said jumped across the lazy dog near the"));
  EXPECT_FALSE(judge(rule, ""));
}

TEST(Contamination, DoesNotReachOverTheEndOfAText) {
  const Contamination rule({"one two three four five", "six seven eight nine ten"}, 6);
  EXPECT_FALSE(judge(rule, "one two three four five six seven eight nine ten"));
}

TEST(Contamination, OfAShorterTextIsAllOfIt) {
  const Contamination rule({"John thinks that Bill is the best man here.",
                            "John thinks that Bill is the best man", "Only four words here"},
                           13);
  EXPECT_TRUE(judge(rule, "He said john thinks that bill is the best man here!"));
  EXPECT_TRUE(judge(rule, "john thinks that bill is the best man"));
  EXPECT_FALSE(judge(rule, "john thinks that bill is the best woman"));
  EXPECT_FALSE(judge(rule, "He wrote only four words here."));
}

TEST(Contamination, LooksAtWholeWords) {
  const Contamination rule({"a b c d e f g h"}, 8);
  EXPECT_TRUE(judge(rule, "a b c d e f g h i"));
  EXPECT_FALSE(judge(rule, "a b c d e f g hi"));
  EXPECT_FALSE(judge(rule, "xa b c d e f g h"));
}

TEST(Contamination, TakesShortNgramsWhereAskedTo) {
  const Contamination rule({"the old river bank", "gone"}, 3);
  EXPECT_TRUE(judge(rule, "by the old river it lies"));
  EXPECT_FALSE(judge(rule, "gone by the river"));
}

constexpr std::size_t kWords = 13;

// An oracle that knows every protected passage as text.
class Passages {
 public:
  explicit Passages(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      const Words words(text);
      if (words.size() < Contamination::kFewestWords) continue;
      const std::size_t length = std::min(words.size(), kWords);
      for (std::size_t i = 0; i + length <= words.size(); ++i) {
        passages_.emplace(words.range(i, length));
      }
    }
  }

  [[nodiscard]] bool stand_in(const std::string& text) const {
    const Words words(text);
    for (std::size_t i = 0; i < words.size(); ++i) {
      for (std::size_t n = Contamination::kFewestWords; n <= kWords && i + n <= words.size(); ++n) {
        if (passages_.contains(std::string(words.range(i, n)))) return true;
      }
    }
    return false;
  }

 private:
  std::set<std::string> passages_;
};

// Half the documents hold a passage of a protected text, the other half the same with one word
// changed; of these the oracle leaves out those that hold another passage.
void expect_all_found(const std::vector<std::string>& texts, const char* what) {
  const Contamination rule(texts, kWords);
  const Passages oracle(texts);
  Random random = test::text_random(5);
  int planted = 0, found = 0, clean = 0, wrong = 0;
  for (const std::string& text : texts) {
    const std::vector<std::string> words = test::split(text);
    if (words.size() < kWords) continue;
    const auto first = random.below(static_cast<std::uint32_t>(words.size() - kWords + 1));
    std::vector<std::string> passage(words.begin() + first, words.begin() + first + kWords);
    const auto around = [&] { return test::join(test::random_words(40, random)); };
    planted += 1;
    found += judge(rule, around() + ". " + test::join(passage) + ", " + around()) ? 1 : 0;
    passage[1 + random.below(11)] = "xqzw";
    const std::string changed = around() + ". " + test::join(passage) + ", " + around();
    if (oracle.stand_in(changed)) continue;
    clean += 1;
    wrong += judge(rule, changed) ? 1 : 0;
  }
  std::printf("%s: %d of %d contaminated and %d of %d clean documents go\n", what, found, planted,
              wrong, clean);
  EXPECT_GT(clean, 1000);
  EXPECT_EQ(found, planted);
  EXPECT_EQ(wrong, 0);
}

TEST(Contamination, IsFoundAmongRandomTexts) {
  Random random = test::text_random(6);
  std::vector<std::string> texts;
  for (int i = 0; i < 2000; ++i) {
    texts.push_back(test::join(test::random_words(5 + random.below(40), random)));
  }
  expect_all_found(texts, "random texts");
}

TEST(Contamination, IsFoundForGlue) {
  const std::filesystem::path glue = std::filesystem::path(CRAM_SHARED_DIR) / "data" / "glue";
  if (!std::filesystem::exists(glue)) GTEST_SKIP();
  expect_all_found(text::read_all_texts(text::find_example_files({(glue / "RTE").string()})),
                   "RTE");
}

}  // namespace
}  // namespace cram::selection
