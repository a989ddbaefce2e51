// Byte-level BPE against Hugging Face's packages: tokenizers that these train and write are read,
// compared and written again. Skipped where Python has them not.
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cram/tokenizer/tokenizer.h"

#include "tokenizer/oracle.h"
#include "tokenizer/parity_texts.h"
#include "tokenizer/tokenizer_files.h"

namespace cram::tokenizer {
namespace {

using cram::test::TempFolder;
using test::ask_oracle;
using test::expect_ids_of_oracle;
using test::hostile_texts;
using test::kNoOracle;
using test::real_lines;

std::vector<std::string> small_corpus() {
  std::vector<std::string> corpus;
  for (const char* text :
       {"The zebra saw the cat; it didn't run.", "We'll see 12345 cats, they've 2 caf\u00e9s!",
        "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u4e2d\u56fd \u0967\u0968\u0969",
        "na\u00efve cafe\u0301s\n\n    return x;\n", "\U0001f468\u200d\U0001f469 I'm you're"}) {
    corpus.insert(corpus.end(), 20, text);
  }
  return corpus;
}

std::vector<std::string> traps() {
  return {
      "",
      " ",
      "   ",
      "\t\n ",
      " \n  a",
      "a  b   c    d     e",
      "  \n  a\n",
      "\n\n\r\n\r a \u00a0b\u3000\u3000c\u2028",
      "it's IT'S it'S 'tis 'll 'Re we'lL x'\u017fy '' 's's",
      "1234567 12 3 \u0967\u0968\u0969\u096a \u00b2\u2167 1a2b \u0661\u0662\u0663",
      "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd!\u2764\ufe0f",
      "e\u0301\u0327\u0316e cafe\u0301 \u212b \u1100\u1161\u11a8 \uac00\u11a8 \u0344 \u09c7\u09be",
      "[MASK]<mask> [CLS] <s></s> <|mask|> a <mask> b",
      "the theory, the  the\nthe bathe the1 the_ the\u0301",
      "zebra  zebra zebrazebra \n zebra \n caf\u00e9  x cafe\u0301  y",
      "|||MAIL||||||MAIL||| ||| a|||MAIL|||b",
      "!!!\n\n?? \r\n...\n -- \n",
      std::string(3000, 'a'),
      std::string(3000, ' ') + "x",
      test::repeated("ab\u00e9", 700)};
}

// A Hugging Face folder with a tokenizer of this form, in `folder`; false without Python.
bool train_folder(const std::string& form, const std::vector<std::string>& corpus, int size,
                  const TempFolder& folder) {
  const std::string options = "--vocab-size " + std::to_string(size) + " --form " + form +
                              " --folder '" + folder.path().string() + "'";
  return ask_oracle("train-bpe", corpus, options).has_value();
}

std::string at(const TempFolder& folder) { return "--folder '" + folder.path().string() + "'"; }

class ByteBpeParity : public testing::TestWithParam<const char*> {};

TEST_P(ByteBpeParity, HoldsOnRealAndHostileText) {
  std::vector<std::string> corpus = small_corpus();
  for (std::string& line : real_lines(150)) corpus.push_back(std::move(line));
  std::vector<std::string> texts = traps();
  for (std::string& text : hostile_texts(4, 3000)) texts.push_back(std::move(text));
  for (std::string& line : real_lines(600)) texts.push_back(std::move(line));
  const TempFolder folder;
  if (!train_folder(GetParam(), corpus, 1500, folder)) GTEST_SKIP() << kNoOracle;
  const auto tokenizer = load_hugging_face_tokenizer(folder.path()).tokenizer;
  EXPECT_TRUE(expect_ids_of_oracle(*tokenizer, texts, at(folder)));
}

// Ids, segments, offsets and the text again, of the folder that we read and the one that we wrote.
TEST_P(ByteBpeParity, HoldsAfterSaving) {
  const TempFolder theirs, ours;
  if (!train_folder(GetParam(), small_corpus(), 500, theirs)) GTEST_SKIP() << kNoOracle;
  const auto tokenizer = load_tokenizer(theirs.path(), {});
  tokenizer->save(ours.path());
  EXPECT_EQ(load_tokenizer(ours.path(), {})->fingerprint(), tokenizer->fingerprint());
  std::vector<std::string> texts = traps();
  for (std::string& text : hostile_texts(5, 300)) texts.push_back(std::move(text));
  const auto expected = ask_oracle("frame", texts, at(theirs));
  ASSERT_TRUE(expected);
  EXPECT_EQ(ask_oracle("frame", texts, at(ours)), expected);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(tokenizer->decode(tokenizer->encode(texts[i])), expected->at(i)["text"]) << texts[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, ByteBpeParity,
                         testing::Values("roberta", "files", "prefix", "modernbert", "cl100k",
                                         "digit"),
                         [](const auto& form) { return std::string(form.param); });

}  // namespace
}  // namespace cram::tokenizer
