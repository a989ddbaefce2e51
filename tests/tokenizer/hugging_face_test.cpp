// The tokenizers of Hugging Face's folders.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tokenizer_files.h"

namespace cram::tokenizer {
namespace {

using cram::test::TempFolder;
using nlohmann::json;
using test::data_error_of;
using test::pieces;
using test::vocab_txt;
using test::wordpiece;
using test::write;
using testing::AllOf;
using testing::HasSubstr;

class HuggingFaceFolder : public testing::Test {
 protected:
  HuggingFaceFolder() {
    write(folder_ / "vocab.txt", vocab_txt({"cat", "Cat", "caf", "##e", "##\u00e9"}));
  }

  void write_config(const json& config) const {
    write(folder_ / "tokenizer_config.json", config.dump());
  }
  [[nodiscard]] std::string cut(std::string_view text) const {
    return pieces(*load_hugging_face_tokenizer(folder_.path()).tokenizer, text);
  }
  [[nodiscard]] std::string error() const {
    return data_error_of([&] { (void)load_hugging_face_tokenizer(folder_.path()); });
  }

  TempFolder folder_;
};

TEST_F(HuggingFaceFolder, IsInLowerCaseWhenNothingIsSaid) {
  EXPECT_EQ(cut("Cat caf\u00e9"), "cat caf ##e");
  const Normalization how = load_hugging_face_tokenizer(folder_.path()).normalization;
  EXPECT_TRUE(how.lowercase);
  EXPECT_TRUE(how.strip_accents);
  EXPECT_FALSE(how.ascii_only);
}

TEST_F(HuggingFaceFolder, SaysInItsConfigHowTextIsCleaned) {
  write_config({{"do_lower_case", false}, {"strip_accents", nullptr}});
  EXPECT_EQ(cut("Cat caf\u00e9"), "Cat caf ##\u00e9") << "accents follow the case";
  const Normalization how = load_hugging_face_tokenizer(folder_.path()).normalization;
  EXPECT_FALSE(how.lowercase);
  EXPECT_FALSE(how.strip_accents);
  write_config({{"tokenizer_class", "BertTokenizerFast"}, {"strip_accents", false}});
  EXPECT_EQ(cut("Cat caf\u00e9"), "cat caf ##\u00e9");
  write(folder_ / "vocab.txt", vocab_txt({"cat", "\u4e2d", "##\u4e2d"}));
  write_config({{"tokenize_chinese_chars", false}});
  EXPECT_EQ(cut("cat\u4e2d"), "cat ##\u4e2d");
}

TEST_F(HuggingFaceFolder, IsReadFromItsTokenizerJsonFirst) {
  wordpiece({"Cat"}, {.lowercase = false})->save(folder_.path());
  write(folder_ / "vocab.txt", vocab_txt({"dog"}));
  EXPECT_EQ(cut("Cat dog"), "Cat [UNK]");
  EXPECT_FALSE(load_hugging_face_tokenizer(folder_.path()).normalization.lowercase);
}

TEST_F(HuggingFaceFolder, IsRefusedWhenItsFilesDisagree) {
  wordpiece({"Cat"}, {.lowercase = false})->save(folder_.path());
  for (const char* key : {"do_lower_case", "strip_accents"}) {
    write_config({{key, key == std::string("do_lower_case")}});
    EXPECT_THAT(error(), AllOf(HasSubstr("tokenizer_config.json: '" + std::string(key) + "'"),
                               HasSubstr("tokenizer.json beside it")));
  }
}

TEST_F(HuggingFaceFolder, IsRefusedWhenItIsNotBerts) {
  write_config({{"tokenizer_class", "BertJapaneseTokenizer"}});
  EXPECT_THAT(error(), HasSubstr("unsupported tokenizer_class 'BertJapaneseTokenizer'"));
  write_config({{"do_basic_tokenize", false}});
  EXPECT_THAT(error(), HasSubstr("unsupported do_basic_tokenize"));
  write_config({{"do_lower_case", "yes"}});
  EXPECT_THAT(error(), HasSubstr("tokenizer_config.json: 'do_lower_case' is not true or false"));
  write(folder_ / "tokenizer_config.json", "[]");
  EXPECT_THAT(error(), HasSubstr("tokenizer_config.json: not a JSON object"));
}

TEST_F(HuggingFaceFolder, IsRefusedWithoutAVocabulary) {
  std::filesystem::remove(folder_ / "vocab.txt");
  EXPECT_THAT(error(), HasSubstr("neither a tokenizer.json nor a vocab.txt"));
}

}  // namespace
}  // namespace cram::tokenizer
