// The tokenizers of Hugging Face's folders.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oracle.h"
#include "parity_texts.h"
#include "tokenizer_files.h"

namespace cram::tokenizer {
namespace {

using cram::test::TempFolder;
using nlohmann::json;
using test::ask_oracle;
using test::data_error_of;
using test::pieces;
using test::read;
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

json added(int id, const std::string& content) {
  return {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", true},
          {"rstrip", false}, {"normalized", false}, {"special", true}};
}

TEST_F(HuggingFaceFolder, KeepsSpecialTokensOfItsOwnForOthers) {
  wordpiece({"cat", "##s", "<e2>", "<e3>"})->save(folder_.path());
  json root = json::parse(read(folder_ / "tokenizer.json"));
  root["added_tokens"].push_back(added(9, "<e1>"));
  write(folder_ / "tokenizer.json", root.dump());
  json config = json::parse(read(folder_ / "tokenizer_config.json"));
  config["extra_special_tokens"] = {{"end_token", "<e2>"}};
  config["eos_token"] = "[SEP]";
  write_config(config);
  write(folder_ / "special_tokens_map.json",
        R"({"additional_special_tokens": ["<e3>"], "mask_token": "[MASK]"})");
  const TempFolder again;
  const auto tokenizer = load_hugging_face_tokenizer(folder_.path()).tokenizer;
  EXPECT_EQ(pieces(*tokenizer, "cats"), "cat ##s");
  EXPECT_NE(pieces(*tokenizer, "<e1>"), "<e1>") << "which text does not name here";
  tokenizer->save(again.path());
  const json saved = json::parse(read(again / "tokenizer.json")).at("added_tokens");
  ASSERT_EQ(saved.size(), 8);
  EXPECT_EQ(saved[5], added(9, "<e1>"));
  EXPECT_EQ(saved[6].at("content"), "<e2>");
  EXPECT_EQ(saved[7].at("content"), "<e3>");

  const std::vector<std::string> texts = {"cat <e1> cats<e2> <e3>cat", "[SEP] <e1>"};
  const auto at = [](const TempFolder& folder) {
    return "--folder '" + folder.path().string() + "'";
  };
  const auto expected = ask_oracle("frame", texts, at(folder_));
  if (!expected) GTEST_SKIP() << test::kNoOracle;
  EXPECT_THAT(expected->at(0)["single"]["input_ids"].dump(), HasSubstr("[2,5,9,5,6,7,8,5"));
  EXPECT_EQ(ask_oracle("frame", texts, at(again)), expected);
}

TEST_F(HuggingFaceFolder, KeepsSpecialTokensWithoutATokenizerJson) {
  write_config({{"additional_special_tokens", {"cat"}}});
  const TempFolder again;
  load_hugging_face_tokenizer(folder_.path()).tokenizer->save(again.path());
  const json saved = json::parse(read(again / "tokenizer.json")).at("added_tokens");
  ASSERT_EQ(saved.size(), 6);
  EXPECT_EQ(saved[0].at("content"), "cat");
}

TEST_F(HuggingFaceFolder, IsRefusedForATokenThatItsVocabularyLacks) {
  const std::string token = R"({"content": "<e1>", "special": true})";
  const std::string in_vocabulary = R"({"content": "cat", "special": false})";
  const std::tuple<const char*, std::string, const char*> cases[] = {
      {"tokenizer_config.json", R"({"additional_special_tokens": ["<e1>"]})",
       "'additional_special_tokens' names the token '<e1>', which the vocabulary lacks"},
      {"tokenizer_config.json", R"({"extra_special_tokens": {"e_token": "<e1>"}})",
       "'extra_special_tokens' names the token '<e1>'"},
      {"tokenizer_config.json", R"({"extra_special_tokens": ["<e1>"]})", "'extra_special_tokens'"},
      {"tokenizer_config.json", R"({"added_tokens_decoder": {"10": )" + token + "}}",
       "'added_tokens_decoder' names the token '<e1>'"},
      {"tokenizer_config.json", R"({"mask_token": "<e1>"})", "'mask_token' names the token"},
      {"tokenizer_config.json", R"({"bos_token": "<e1>"})", "'bos_token' names the token"},
      {"tokenizer_config.json", R"({"mask_token": 7})", "'mask_token' names a token without"},
      {"special_tokens_map.json", R"({"additional_special_tokens": [)" + token + "]}",
       "'additional_special_tokens' names the token '<e1>'"},
      {"added_tokens.json", R"({"<e1>": 10})", "'<e1>' names the token '<e1>', which the vocab"},
      {"added_tokens.json", R"({"[MASK]": 10})", "which the vocabulary has as 4"},
      {"tokenizer_config.json", R"({"added_tokens_decoder": {"5": )" + in_vocabulary + "}}",
       "'cat', which is neither special nor added"},
      {"tokenizer_config.json", R"({"mask_token": "cat"})", "'mask_token' is 'cat', but cram"},
      {"special_tokens_map.json", R"({"cls_token": "cat"})", "'cls_token' is 'cat', but cram"},
      {"tokenizer_config.json", R"({"unk_token": {"content": "cat"}})", "'unk_token' is 'cat'"},
      {"tokenizer_config.json", R"({"padding_side": "left"})", "padding_side 'left'"},
      {"tokenizer_config.json", R"({"truncation_side": "left"})", "truncation_side 'left'"},
      {"tokenizer_config.json", R"({"split_special_tokens": true})", "split_special_tokens true"},
  };
  const auto expect_all_refused = [&](const std::string& kind) {
    for (const auto& [file, content, because] : cases) {
      write(folder_ / file, content);
      EXPECT_THAT(error(), AllOf(HasSubstr((folder_ / file).string()), HasSubstr(because)))
          << kind << ": " << content;
      std::filesystem::remove(folder_ / file);
    }
  };
  expect_all_refused("vocab.txt");
  load_hugging_face_tokenizer(folder_.path()).tokenizer->save(folder_.path());
  expect_all_refused("tokenizer.json");
}

TEST_F(HuggingFaceFolder, IsRefusedWithoutAVocabulary) {
  std::filesystem::remove(folder_ / "vocab.txt");
  EXPECT_THAT(error(), HasSubstr("neither a tokenizer.json nor a vocab.txt"));
}

}  // namespace
}  // namespace cram::tokenizer
