// Where the words of a text stand.
#include "cram/tokenizer/words.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cram::tokenizer {
namespace {

using testing::ElementsAre;

TEST(SplitWords, KeepsWordsTogetherAndPunctuationApart) {
  const std::string text = " don't\tgo, \xC3\xA9tude! ";
  std::vector<std::string> words;
  for (const ByteRange& range : split_words(text)) {
    words.push_back(text.substr(range.begin, range.end - range.begin));
  }
  EXPECT_THAT(words, ElementsAre("don", "'", "t", "go", ",", "\xC3\xA9tude", "!"));
  EXPECT_TRUE(split_words(" \n").empty());
}

}  // namespace
}  // namespace cram::tokenizer
