// Byte-level BPE by itself: merging, added tokens, what is refused, damaged files.
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/tokenizer/tokenizer.h"

#include "tokenizer/damage.h"
#include "tokenizer/tokenizer_files.h"

namespace cram::tokenizer {
namespace {

using cram::test::TempFolder;
using nlohmann::json;
using test::data_error_of;
using test::pieces;
using test::read;
using test::repeated;
using test::write;
using testing::AllOf;
using testing::HasSubstr;

// The characters of all bytes, in the order of the bytes.
std::vector<std::string> byte_characters() {
  std::vector<std::string> characters;
  int next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const bool is_itself = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
    const int code = is_itself ? byte : next++;
    if (code < 0x80) {
      characters.emplace_back(1, static_cast<char>(code));
    } else {
      characters.push_back(
          {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 63))});
    }
  }
  return characters;
}

json added_token(int id, const std::string& content, bool special) {
  return {{"id", id}, {"content", content}, {"special", special}};
}

// RoBERTa's special tokens, all bytes and the results of these merges.
json bpe_json(const std::vector<std::string>& merges) {
  json vocab, added = json::array();
  int id = 0;
  for (const char* token : {"<s>", "<pad>", "</s>", "<unk>", "<mask>"}) {
    added.push_back(added_token(id, token, true));
    vocab[token] = id++;
  }
  for (const std::string& character : byte_characters()) vocab[character] = id++;
  for (std::string merge : merges) {
    merge.erase(merge.find(' '), 1);
    vocab[merge] = id++;
  }
  return {{"added_tokens", added},
          {"normalizer", nullptr},
          {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
          {"post_processor",
           {{"type", "RobertaProcessing"}, {"sep", {"</s>", 2}}, {"cls", {"<s>", 0}}}},
          {"decoder", {{"type", "ByteLevel"}}},
          {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", merges}}}};
}

const std::vector<std::string> kMerges = {"c a", "ca t", "\u0120 cat", "a t", "s s"};

std::shared_ptr<const Tokenizer> load(const json& root) {
  const TempFolder folder;
  write(folder / "tokenizer.json", root.dump());
  return load_tokenizer(folder.path(), {});
}

std::string error_of(const json& root) {
  return data_error_of([&] { (void)load(root); });
}

TEST(ByteBpe, MergesTheBestPairFirst) {
  const auto tokenizer = load(bpe_json(kMerges));
  EXPECT_EQ(pieces(*tokenizer, "cat cat cats"), "cat \u0120cat \u0120cat s");
  EXPECT_EQ(pieces(*tokenizer, "at bat sss"), "at \u0120 b at \u0120 ss s");
  const auto other = load(bpe_json({"a t", "c a", "ca t"}));
  EXPECT_EQ(pieces(*other, "cat"), "c at") << "that a word is a token does not make it one";
}

TEST(ByteBpe, MayTakeAWordThatIsATokenAsItIs) {
  json root = bpe_json({"a t", "c a", "ca t"});
  root["model"]["ignore_merges"] = true;
  EXPECT_EQ(pieces(*load(root), "cat cat"), "cat \u0120 c at");
}

TEST(ByteBpe, KeepsEveryByteThatIsNoUtf8) {
  const auto tokenizer = load(bpe_json(kMerges));
  for (const std::string text :
       {"cat\xff", "\xc3", "\xe2\x82 x", "\xf0\x9f\x98", "\x80\x80", "\xed\xa0\x80"}) {
    std::vector<TokenId> ids = tokenizer->encode(text);
    EXPECT_LE(ids.size(), text.size());
    EXPECT_THAT(tokenizer->decode(ids), HasSubstr("\ufffd"));
  }
  EXPECT_EQ(tokenizer->encode("\xff\xfe").size(), 2U);
  EXPECT_EQ(tokenizer->encode(std::string(3, '\0')).size(), 3U);
}

TEST(ByteBpe, DecodesWhatItEncoded) {
  const auto tokenizer = load(bpe_json(kMerges));
  const std::string text = " cat\n\n caf\u00e9 \u4e2d \U0001f468\u200d\U0001f469  \u00ad";
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), text);
  const SpecialTokens& special = tokenizer->special_tokens();
  EXPECT_EQ(tokenizer->decode(std::vector<TokenId>{special.cls, special.mask, special.sep}),
            "<s><mask></s>");
}

TEST(ByteBpe, FindsItsSpecialTokensWhereTheFilesNameThem) {
  json root = bpe_json({});
  EXPECT_EQ(load(root)->special_tokens().cls, 0U);
  EXPECT_EQ(load(root)->special_tokens().mask, 4U);
  const TempFolder folder;
  root["added_tokens"].push_back(added_token(261, "<|blank|>", true));
  write(folder / "tokenizer.json", root.dump());
  write(folder / "tokenizer_config.json", R"({"mask_token": {"content": "<|blank|>"}})");
  EXPECT_EQ(load_tokenizer(folder.path(), {})->special_tokens().mask, 261U);
  EXPECT_EQ(load_hugging_face_tokenizer(folder.path()).tokenizer->special_tokens().mask, 261U);
  write(folder / "tokenizer_config.json", R"({"pad_token": "[none]"})");
  EXPECT_THAT(data_error_of([&] { (void)load_tokenizer(folder.path(), {}); }),
              HasSubstr("'pad_token' names the token '[none]', which the vocabulary lacks"));
}

TEST(ByteBpe, NeedsNoTokenForTheUnknown) {
  json root = bpe_json({});
  root["model"]["vocab"].erase("<unk>");
  root["model"]["vocab"]["a\u0120"] = 3;
  root["added_tokens"].erase(3);
  EXPECT_EQ(load(root)->special_tokens().unk, load(root)->special_tokens().pad);
}

TEST(ByteBpe, LetsNoTextNameASpecialToken) {
  const auto tokenizer = load(bpe_json(kMerges));
  for (const TokenId id : tokenizer->encode("<s> <mask></s><pad><unk>")) {
    EXPECT_FALSE(tokenizer->is_special(id));
  }
  EXPECT_THAT(error_of(bpe_json({"< s", "<s >"})), HasSubstr("are the same: '<s>'"));
  json root = bpe_json({"< s"});
  root["model"]["merges"].push_back("<s >");
  EXPECT_THAT(error_of(root), HasSubstr("unsupported merge into the special token '<s>'"));
}

TEST(ByteBpe, FindsAddedTokensInText) {
  json root = bpe_json(kMerges);
  root["added_tokens"].push_back(added_token(266, "  ", false));
  root["added_tokens"].push_back(added_token(267, "cats", false));
  EXPECT_EQ(pieces(*load(root), "cats   at cat"), "cats    \u0120 at \u0120cat");
}

TEST(ByteBpe, KnowsWhichTokensContinueAWord) {
  const auto tokenizer = load(bpe_json(kMerges));
  const std::vector<TokenId> ids = tokenizer->encode(" cats, \u00e91\n");
  std::string continues;
  for (const TokenId id : ids) continues += tokenizer->continues_word(id) ? '+' : '.';
  EXPECT_EQ(continues, ".+..+++.") << pieces(*tokenizer, " cats, \u00e91\n");
  EXPECT_FALSE(tokenizer->continues_word(tokenizer->special_tokens().mask));
}

TEST(ByteBpe, TakesHugeWordsInHardlyMoreThanLinearTime) {
  const auto tokenizer = load(bpe_json({"a a", "aa aa", "aaaa aaaa", "s s"}));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(tokenizer->encode(std::string(1 << 20, 'a')).size(), std::size_t{1} << 17);
  EXPECT_EQ(tokenizer->encode(std::string(1 << 20, ' ') + "x").size(), (std::size_t{1} << 20) + 1);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(ByteBpe, NamesWhatIsUnsupported) {
  const auto error_with = [](const char* pointer, const json& value) {
    json root = bpe_json(kMerges);
    root[json::json_pointer(pointer)] = value;
    return error_of(root);
  };
  const json split = {{"type", "Split"}, {"pattern", {{"Regex", "\\s+"}}}};
  const json bytes = {{"type", "ByteLevel"}, {"use_regex", false}, {"add_prefix_space", false}};
  const auto sequence = [](const json& first, const json& second) -> json {
    return {{"type", "Sequence"}, {"pretokenizers", {first, second}}};
  };
  EXPECT_THAT(error_with("/pre_tokenizer/type", "Metaspace"), HasSubstr("pre_tokenizer Metaspace"));
  EXPECT_THAT(error_with("/pre_tokenizer", sequence(split, bytes)), HasSubstr("pattern of Split"));
  EXPECT_THAT(error_with("/pre_tokenizer", sequence({{"type", "Digits"}}, bytes)),
              HasSubstr("pre_tokenizer Digits in a Sequence"));
  EXPECT_THAT(error_with("/normalizer", {{"type", "NFKC"}}), HasSubstr("normalizer NFKC"));
  EXPECT_THAT(error_with("/decoder/type", "Metaspace"), HasSubstr("decoder Metaspace"));
  EXPECT_THAT(error_with("/post_processor/type", "Other"), HasSubstr("post_processor Other"));
  EXPECT_THAT(error_with("/post_processor", {{"type", "TemplateProcessing"}}),
              HasSubstr("post_processor TemplateProcessing of another form"));
  EXPECT_THAT(error_with("/model/dropout", 0.1), HasSubstr("dropout"));
  EXPECT_THAT(error_with("/model/byte_fallback", true), HasSubstr("byte_fallback"));
  EXPECT_THAT(error_with("/model/end_of_word_suffix", "</w>"), HasSubstr("'</w>'"));
}

TEST(ByteBpe, IsRefusedInOneLineWhenItIsBroken) {
  const auto error_with = [](const char* pointer, const json& value) {
    json root = bpe_json(kMerges);
    root[json::json_pointer(pointer)] = value;
    return error_of(root);
  };
  EXPECT_THAT(error_with("/model/merges/1", "cat"), HasSubstr("merge 1 is not two tokens"));
  EXPECT_THAT(error_with("/model/merges/1", "c a t"), HasSubstr("merge 1 is not two tokens"));
  EXPECT_THAT(error_with("/model/merges/1", json::array({"c"})), HasSubstr("merge 1 is not two"));
  EXPECT_THAT(error_with("/model/merges/1", "c dog"), HasSubstr("merge 1 needs the token 'dog'"));
  EXPECT_THAT(error_with("/model/merges", 7), HasSubstr("'merges' is not an array"));
  EXPECT_THAT(error_with("/model/vocab", json::array()), HasSubstr("'vocab' is not an object"));
  EXPECT_THAT(error_with("/model/vocab/cat", 1 << 21), HasSubstr("no token has the id"));
  EXPECT_THAT(error_with("/model/unk_token", "<none>"), HasSubstr("'<none>', the unk_token"));
  EXPECT_THAT(error_with("/added_tokens/0/content", ""), HasSubstr("two tokens"));
  EXPECT_THAT(error_with("/added_tokens/0/id", -1), HasSubstr("the id of token '<s>'"));
  EXPECT_THAT(error_with("/post_processor/cls", "<s>"), HasSubstr("'cls' is not a token"));
  EXPECT_THAT(error_with("/post_processor/cls/0", "<no>"),
              HasSubstr("'<no>' of the post_processor"));
  EXPECT_THAT(error_with("/post_processor/cls/1", 7), HasSubstr("is not the token 7"));
}

class RobertaFiles : public testing::Test {
 protected:
  RobertaFiles() {
    const json root = bpe_json(kMerges);
    write(folder_ / "vocab.json", root["model"]["vocab"].dump());
    std::string merges = "#version: 0.2\n";
    for (const std::string& merge : kMerges) merges += merge + "\r\n";
    write(folder_ / "merges.txt", merges);
  }
  [[nodiscard]] std::string error() const {
    return data_error_of([&] { (void)load_hugging_face_tokenizer(folder_.path()); });
  }

  TempFolder folder_;
};

TEST_F(RobertaFiles, AreReadWithoutATokenizerJson) {
  const FolderTokenizer read = load_hugging_face_tokenizer(folder_.path());
  EXPECT_EQ(pieces(*read.tokenizer, "cat cat"), "cat \u0120cat");
  EXPECT_FALSE(read.normalization.lowercase);
  EXPECT_EQ(load_tokenizer(folder_.path(), {})->fingerprint(), read.tokenizer->fingerprint());
  write(folder_ / "tokenizer_config.json", R"({"add_prefix_space": true})");
  EXPECT_EQ(pieces(*load_tokenizer(folder_ / "vocab.json", {}), "cat"), "\u0120cat");
}

TEST_F(RobertaFiles, AreRefusedInOneLine) {
  write(folder_ / "tokenizer_config.json", R"({"tokenizer_class": "CLIPTokenizer"})");
  EXPECT_THAT(error(), HasSubstr("unsupported tokenizer_class 'CLIPTokenizer'"));
  std::filesystem::remove(folder_ / "tokenizer_config.json");
  write(folder_ / "merges.txt", "a\xff b\n");
  EXPECT_THAT(error(), AllOf(HasSubstr("merges.txt"), HasSubstr("not valid UTF-8")));
  std::filesystem::remove(folder_ / "merges.txt");
  EXPECT_THAT(error(), HasSubstr("merges.txt"));
}

TEST_F(RobertaFiles, AndTheirTokenizerJsonSurviveDamage) {
  const TempFolder saved;
  load_tokenizer(folder_.path(), {})->save(saved.path());
  test::expect_to_survive_damage(folder_ / "vocab.json");
  test::expect_to_survive_damage(saved / "tokenizer.json");
  test::expect_to_survive_damage(saved / "tokenizer_config.json", saved.path());
  test::expect_to_survive_damage(folder_ / "merges.txt", folder_.path());
}

}  // namespace
}  // namespace cram::tokenizer
