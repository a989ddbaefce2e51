// WordPiece with normalizers and pre-tokenizers that are not BERT's, against Hugging Face's
// packages: tokenizers that these train and write are read, compared and written again. Skipped
// where Python has them not.
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cram/tokenizer/tokenizer.h"

#include "tokenizer/oracle.h"
#include "tokenizer/parity_texts.h"

namespace cram::tokenizer {
namespace {

using cram::test::TempFolder;
using test::ask_oracle;
using test::expect_ids_of_oracle;
using test::hostile_texts;
using test::kNoOracle;
using test::real_lines;

class WordPieceParity : public testing::TestWithParam<const char*> {};

TEST_P(WordPieceParity, HoldsOnRealAndHostileTextAndAfterSaving) {
  std::vector<std::string> texts = hostile_texts(6, 6000);
  for (const char* text :
       {"", " ", "``quoted'' '''''", "a  b   c \t\n d", "  both ends  ",
        "12th 3.5 \u0967\u0968 \u00b2x\u2167", "caf\u00e9 cafe\u0301 \ufb01 \u212b \u1e9b\u0323",
        "don't!!! ...(x)", "\u0130I\u0307\u03a3\u03c2",
        "\u32ff\uab69\U0001f16c\U00010781 \U00011de0\U00016ff4 _a_b\u200dc"}) {
    texts.emplace_back(text);
  }
  for (std::string& line : real_lines(400)) texts.push_back(std::move(line));
  const TempFolder theirs, ours;
  const auto at = [](const TempFolder& folder) {
    return "--folder '" + folder.path().string() + "'";
  };
  // Large enough for every character, so that no difference hides behind [UNK].
  if (!ask_oracle("train-wordpiece", texts,
                  "--vocab-size 30000 --form " + std::string(GetParam()) + " " + at(theirs))) {
    GTEST_SKIP() << kNoOracle;
  }
  const auto tokenizer = load_hugging_face_tokenizer(theirs.path()).tokenizer;
  EXPECT_TRUE(expect_ids_of_oracle(*tokenizer, texts, at(theirs)));
  tokenizer->save(ours.path());
  EXPECT_EQ(load_tokenizer(ours.path(), {})->fingerprint(), tokenizer->fingerprint());
  EXPECT_EQ(load_tokenizer(ours.path(), {})->framing(), tokenizer->framing());
  EXPECT_TRUE(expect_ids_of_oracle(*tokenizer, texts, at(ours)));
}

INSTANTIATE_TEST_SUITE_P(Forms, WordPieceParity,
                         testing::Values("crammed", "bert-and-more", "nfkc", "nfkd", "nfc",
                                         "removed"),
                         [](const auto& form) {
                           std::string name = form.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace cram::tokenizer
