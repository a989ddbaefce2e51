#include "cram/corpus/text_statistics.h"

#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/base/file.h"

#include "corpus/packed_text.h"

namespace cram::corpus {
namespace {

using testing::ElementsAre;

TextStatistics of(std::string_view text, std::size_t tokens) {
  TextStatistics statistics(3);
  statistics.add(text, std::vector<tokenizer::TokenId>(tokens, 1));
  return statistics;
}

// Where the only document stands.
template <class Histogram>
std::ptrdiff_t place(const Histogram& histogram) {
  EXPECT_EQ(std::accumulate(histogram.begin(), histogram.end(), 0), 1);
  return std::find(histogram.begin(), histogram.end(), 1) - histogram.begin();
}

TEST(TextStatistics, SortDocumentsByTheirTokens) {
  for (const auto& [tokens, k] :
       std::vector<std::pair<std::size_t, std::ptrdiff_t>>{{1, 0},
                                                           {2, 1},
                                                           {3, 1},
                                                           {4, 2},
                                                           {127, 6},
                                                           {128, 7},
                                                           {(1U << 23) - 1, 22},
                                                           {1U << 23, 23},
                                                           {1U << 25, 23}}) {
    EXPECT_EQ(place(of("word", tokens).lengths()), k) << tokens;
  }
}

TEST(TextStatistics, SortDocumentsByTheirTokensAWord) {
  for (const auto& [text, tokens, k] :
       std::vector<std::tuple<const char*, std::size_t, int>>{{"two words", 2, 0},
                                                              {" \n two\t words \n", 3, 5},
                                                              {"a b c d e f g h i j", 11, 1},
                                                              {"a b c d e f g h i j", 9, 0},
                                                              {"one", 4, 30},
                                                              {"one", 1000, 30},
                                                              {" ", 1, 0}}) {
    EXPECT_EQ(place(of(text, tokens).fertilities()), k) << text;
  }
}

TEST(TextStatistics, CountTokensAndAddUp) {
  TextStatistics statistics(4);
  statistics.add("a b", std::vector<tokenizer::TokenId>{1, 2, 1});
  TextStatistics more(4);
  more.add("c", std::vector<tokenizer::TokenId>{1, 3});
  statistics += more;
  EXPECT_THAT(statistics.token_counts(), ElementsAre(0, 3, 1, 1));
  EXPECT_EQ(statistics.tokens_that_occur(1), 3);
  EXPECT_EQ(statistics.tokens_that_occur(3), 1);
  EXPECT_EQ(statistics.lengths()[1], 2);
}

TEST(TextStatistics, AreThoseOfWhatWasPacked) {
  const std::vector<std::string> documents = test::make_documents(200);
  const test::PackedText packed(documents);
  TextStatistics expected(packed.tokenizer.vocab_size());
  for (const std::string& text : documents) expected.add(text, packed.tokenizer.encode(text));
  EXPECT_EQ(TextStatistics::read_from(packed.folder()), expected);
}

TEST(TextStatistics, RefuseADamagedFile) {
  const test::TempFolder folder;
  const auto file = folder / TextStatistics::kFileName;
  of("word", 3).write(folder.path());
  EXPECT_EQ(TextStatistics::read_from(folder.path()), of("word", 3));
  const auto good = nlohmann::json::parse(read_file(file));
  std::vector<std::string> broken = {"", "{}", "[]", "null", read_file(file).substr(0, 20)};
  for (const auto& [key, value] : good.items()) {
    auto bad = good;
    bad.erase(key);
    broken.push_back(bad.dump());
    bad[key] = {"x"};
    broken.push_back(bad.dump());
  }
  for (const std::string& content : broken) {
    write_file_atomic(file, content);
    EXPECT_THROW((void)TextStatistics::read_from(folder.path()), Error) << content;
  }
}

}  // namespace
}  // namespace cram::corpus
