// Tokenizer files: what is read, what is refused and how, what is written.
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
using test::expect_to_survive_damage;
using test::pieces;
using test::read;
using test::repeated;
using test::vocab_txt;
using test::wordpiece;
using test::write;
using testing::AllOf;
using testing::HasSubstr;

std::string error_of_vocab(const std::string& content) {
  const TempFolder folder;
  write(folder / "vocab.txt", content);
  return data_error_of([&] { (void)load_tokenizer(folder / "vocab.txt", {}); });
}

std::string error_of_json(const std::string& content) {
  const TempFolder folder;
  write(folder / "tokenizer.json", content);
  return data_error_of([&] { (void)load_tokenizer(folder / "tokenizer.json", {}); });
}

// A tokenizer.json of ours, to be damaged.
json small_json() {
  const TempFolder folder;
  wordpiece({"cat", "##s", "."})->save(folder.path());
  return json::parse(read(folder / "tokenizer.json"));
}

TEST(VocabTxt, MayEndWithoutALineBreakAndWithCarriageReturns) {
  const TempFolder folder;
  write(folder / "vocab.txt", "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\ncat\r\n##s");
  const auto tokenizer = load_tokenizer(folder / "vocab.txt", {});
  EXPECT_EQ(tokenizer->vocab_size(), 7);
  EXPECT_EQ(pieces(*tokenizer, "Cats"), "cat ##s");
}

TEST(VocabTxt, FindsSpecialTokensByName) {
  const TempFolder folder;
  write(folder / "vocab.txt", "cat\n<mask>\n[unused0]\n<s>\n</s>\n<pad>\n[UNK]\n");
  const SpecialTokens special = load_tokenizer(folder / "vocab.txt", {})->special_tokens();
  EXPECT_EQ(special.mask, 1U);
  EXPECT_EQ(special.cls, 3U);
  EXPECT_EQ(special.sep, 4U);
  EXPECT_EQ(special.pad, 5U);
  EXPECT_EQ(special.unk, 6U);
}

TEST(VocabTxt, IsRefusedInOneLineThatNamesThePlace) {
  EXPECT_THAT(error_of_vocab(vocab_txt({"cat", "dog", "cat"})),
              AllOf(HasSubstr("vocab.txt"), HasSubstr("tokens 5 and 7"), HasSubstr("'cat'")));
  EXPECT_THAT(error_of_vocab("[PAD]\n[UNK]\n[CLS]\n[SEP]\ncat\n"),
              AllOf(HasSubstr("vocab.txt"), HasSubstr("[MASK]")));
  EXPECT_THAT(error_of_vocab(vocab_txt({"c\xff"})), HasSubstr("token 5 is not valid UTF-8"));
  EXPECT_THAT(error_of_vocab(vocab_txt({"", "cat"})), HasSubstr("token 5 is empty"));
  EXPECT_THAT(error_of_vocab(vocab_txt({std::string(5000, 'x')})), HasSubstr("token 5 is longer"));
  EXPECT_THAT(error_of_vocab(""), HasSubstr("empty"));
}

TEST(VocabTxt, MayNotBeHuge) {
  const TempFolder folder;
  write(folder / "vocab.txt", "x");
  std::filesystem::resize_file(folder / "vocab.txt", std::uintmax_t{1} << 40);
  EXPECT_THAT(data_error_of([&] { (void)load_tokenizer(folder / "vocab.txt", {}); }),
              HasSubstr("vocab.txt"));
}

TEST(LoadTokenizer, RefusesWhatIsNoTokenizer) {
  const TempFolder folder;
  const auto error_of = [&](const std::filesystem::path& path) {
    return data_error_of([&] { (void)load_tokenizer(path, {}); });
  };
  EXPECT_THAT(error_of(folder / "nothing.txt"), HasSubstr("nothing.txt"));
  EXPECT_THAT(error_of(folder.path()), HasSubstr("no tokenizer in this folder"));
  write(folder / "words.csv", "cat");
  EXPECT_THAT(error_of(folder / "words.csv"), HasSubstr("not the name of a tokenizer file"));
  std::filesystem::create_directory(folder / "tokenizer.json");
  EXPECT_THAT(error_of(folder.path()), HasSubstr("tokenizer.json"));
}

TEST(LoadTokenizer, PrefersTokenizerJsonInAFolder) {
  const TempFolder folder;
  wordpiece({"Cat"}, {.lowercase = false})->save(folder.path());
  write(folder / "vocab.txt", vocab_txt({"dog"}));
  EXPECT_EQ(pieces(*load_tokenizer(folder.path(), {}), "Cat dog"), "Cat [UNK]");
  std::filesystem::remove(folder / "tokenizer.json");
  EXPECT_EQ(pieces(*load_tokenizer(folder.path(), {}), "Cat dog"), "[UNK] dog");
}

TEST(SavedTokenizer, ComesBackTheSame) {
  for (const Normalization& normalization :
       {Normalization{}, Normalization{.lowercase = false}, Normalization{.strip_accents = false},
        Normalization{.ascii_only = true},
        Normalization{.lowercase = false, .strip_accents = false, .ascii_only = true}}) {
    const auto tokenizer = wordpiece({"cat", "##s", "\u4e2d", "\"", "\\"}, normalization);
    const TempFolder folder;
    tokenizer->save(folder.path());
    const auto again = load_tokenizer(folder.path(), {});
    EXPECT_EQ(again->fingerprint(), tokenizer->fingerprint());
    const TempFolder second;
    again->save(second.path());
    for (const char* name : {"tokenizer.json", "tokenizer_config.json", "vocab.txt"}) {
      EXPECT_EQ(read(second / name), read(folder / name)) << name;
    }
  }
}

TEST(TokenizerJson, MayLeaveOutWhatHasADefault) {
  json root = small_json();
  for (const char* key : {"truncation", "padding", "decoder", "post_processor", "added_tokens"}) {
    root.erase(key);
  }
  root["model"].erase("continuing_subword_prefix");
  root["model"].erase("max_input_chars_per_word");
  root["normalizer"] = {
      {"type", "BertNormalizer"}, {"lowercase", true}, {"strip_accents", nullptr}};
  const TempFolder folder;
  write(folder / "tokenizer.json", root.dump());
  EXPECT_EQ(pieces(*load_tokenizer(folder.path(), {}), "C\u00c0Ts."), "cat ##s .");
}

TEST(TokenizerJson, MayHaveNoNormalizer) {
  json root = small_json();
  root["normalizer"] = nullptr;
  const TempFolder folder;
  write(folder / "tokenizer.json", root.dump());
  EXPECT_EQ(pieces(*load_tokenizer(folder.path(), {}), "cats Cat ca\u0301t"),
            "cat ##s [UNK] [UNK]");
}

TEST(TokenizerJson, MayCleanAndCutTextInSteps) {
  json root = small_json();
  const json quotes = {{"type", "Replace"}, {"pattern", {{"String", "``"}}}, {"content", "."}};
  const json dashes = {{"type", "Replace"}, {"pattern", {{"Regex", "[-_]{2,}"}}}, {"content", " "}};
  root["normalizer"] = {
      {"type", "Sequence"},
      {"normalizers",
       {quotes, {{"type", "NFD"}}, {{"type", "Lowercase"}}, {{"type", "StripAccents"}}, dashes}}};
  root["pre_tokenizer"] = {{"type", "Whitespace"}};
  const TempFolder folder, again;
  write(folder / "tokenizer.json", root.dump());
  const auto tokenizer = load_tokenizer(folder.path(), {});
  EXPECT_EQ(pieces(*tokenizer, "``C\u00c0TS--_cat-cat"), ". cat ##s cat [UNK] cat");
  EXPECT_EQ(pieces(*tokenizer, "cat.. \u200bcat"), "cat [UNK] [UNK] cat") << "runs stay together";
  tokenizer->save(again.path());
  EXPECT_EQ(json::parse(read(again / "tokenizer.json"))["normalizer"], root["normalizer"]);
  EXPECT_EQ(load_tokenizer(again.path(), {})->fingerprint(), tokenizer->fingerprint());
  EXPECT_NE(load_tokenizer(folder.path(), {})->fingerprint(),
            wordpiece({"cat", "##s", "."})->fingerprint());
  const Normalization how = load_hugging_face_tokenizer(folder.path()).normalization;
  EXPECT_TRUE(how.lowercase && how.strip_accents && !how.ascii_only);
  expect_to_survive_damage(folder / "tokenizer.json");
}

// As Hugging Face's WordPiece has it.
TEST(TokenizerJson, MayBeginAWordWithTheMarkOfAContinuation) {
  json root = small_json();
  root["pre_tokenizer"] = {{"type", "WhitespaceSplit"}};
  const TempFolder folder;
  write(folder / "tokenizer.json", root.dump());
  EXPECT_EQ(pieces(*load_tokenizer(folder.path(), {}), "##ss cats ##"), "##s ##s cat ##s [UNK]");
}

TEST(SavedTokenizer, ComesBackWithTheFrameThatItIsGiven) {
  const auto tokenizer = wordpiece({"cat"});
  EXPECT_EQ(tokenizer->framing(), Framing{});
  for (const Framing framing :
       {Framing{}, Framing{.start = false}, Framing{.end = 2}, Framing{.between = 2},
        Framing{.second_segment = false}, Framing{.end = 0}, kBare, Framing{.between = 0},
        Framing{.start = false, .between = 2, .second_segment = false}}) {
    const TempFolder folder;
    tokenizer->save(folder.path(), {.framing = framing});
    const auto again = load_tokenizer(folder.path(), {});
    EXPECT_EQ(again->framing(), framing);
    EXPECT_EQ(again->fingerprint(), tokenizer->fingerprint()) << "which has no part in the ids";
  }
}

TEST(TokenizerJson, MayLimitWordsOtherwise) {
  json root = small_json();
  root["model"]["max_input_chars_per_word"] = 3;
  const TempFolder folder;
  write(folder / "tokenizer.json", root.dump());
  EXPECT_EQ(pieces(*load_tokenizer(folder.path(), {}), "cat cats"), "cat [UNK]");
}

TEST(TokenizerJson, MayAddSpecialTokensBeyondTheVocabulary) {
  json root = small_json();
  root["added_tokens"].push_back({{"id", 8}, {"content", "[ENT]"}, {"special", true}});
  const TempFolder folder;
  write(folder / "tokenizer.json", root.dump());
  EXPECT_EQ(load_tokenizer(folder.path(), {})->vocab_size(), 9);
}

TEST(TokenizerJson, NamesWhatIsUnsupported) {
  const auto error_with = [](const char* pointer, const json& value) {
    json root = small_json();
    root[json::json_pointer(pointer)] = value;
    return error_of_json(root.dump());
  };
  EXPECT_THAT(error_with("/model/type", "Unigram"), HasSubstr("unsupported model Unigram"));
  EXPECT_THAT(error_with("/model/type", "BPE"), HasSubstr("continuing_subword_prefix '##'"));
  EXPECT_THAT(error_with("/model/continuing_subword_prefix", "@@"), HasSubstr("'@@'"));
  EXPECT_THAT(error_with("/model/unk_token", "cat"), HasSubstr("unk_token 'cat'"));
  EXPECT_THAT(error_with("/pre_tokenizer/type", "Metaspace"), HasSubstr("pre_tokenizer Metaspace"));
  EXPECT_THAT(error_with("/pre_tokenizer", {{"type", "Sequence"}}),
              HasSubstr("pre_tokenizer without a step"));
  EXPECT_THAT(
      error_with("/pre_tokenizer", {{"type", "Punctuation"}, {"behavior", "MergedWithNext"}}),
      HasSubstr("behavior MergedWithNext of Punctuation"));
  EXPECT_THAT(error_with("/pre_tokenizer", nullptr), HasSubstr("pre_tokenizer null"));
  EXPECT_THAT(error_with("/normalizer/type", "Precompiled"), HasSubstr("normalizer Precompiled"));
  for (const char* regex :
       {"a|b",    "(a)",   "a*",    "a?",       "ab+",         "a+b", "\\d",   "\\p{L}",
        "[a",     "[]",    "a{0,}", "a{2",      "a{3,2}",      "\\",  "[b-a]", "[[:alpha:]]",
        "[a&&b]", "\\xE9", "^a",    "a{99999}", "\\x{110000}", "a+?"}) {
    const json replace = {{"type", "Replace"}, {"pattern", {{"Regex", regex}}}, {"content", ""}};
    EXPECT_THAT(error_with("/normalizer", replace),
                HasSubstr(std::string("unsupported pattern of Replace: '") + regex + "'"));
  }
  EXPECT_THAT(error_with("/normalizer", {{"type", "Replace"}}), HasSubstr("without a pattern"));
  EXPECT_THAT(error_with("/post_processor/single", json::array()),
              HasSubstr("post_processor TemplateProcessing of another form"));
  EXPECT_THAT(error_with("/post_processor/single/0/SpecialToken/id", "cat"),
              HasSubstr("post_processor"));
  EXPECT_THAT(error_with("/added_tokens/0/special", false), HasSubstr("added token '[PAD]'"));
}

TEST(TokenizerJson, IsRefusedInOneLineWhenItIsBroken) {
  const auto error_with = [](const char* pointer, const json& value) {
    json root = small_json();
    root[json::json_pointer(pointer)] = value;
    return error_of_json(root.dump());
  };
  EXPECT_THAT(error_of_json("{\"model\": \n"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of_json("[]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(error_of_json("{\"model\": \"\xff\"}"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of_json(repeated("[", 1'000'000)), HasSubstr("nested"));
  EXPECT_THAT(error_of_json("{\"a\":" + repeated("{\"a\":", 1'000'000)), HasSubstr("nested"));
  EXPECT_THAT(error_of_json("{}"), HasSubstr("unsupported model"));
  EXPECT_THAT(error_with("/model/vocab/cat", 6), HasSubstr("two tokens have the id 6"));
  EXPECT_THAT(error_with("/model/vocab/cat", -1), HasSubstr("the id of token 'cat'"));
  EXPECT_THAT(error_with("/model/vocab/cat", 1.5), HasSubstr("the id of token 'cat'"));
  EXPECT_THAT(error_with("/model/vocab/cat", std::uint64_t{1} << 40), HasSubstr("the id of token"));
  EXPECT_THAT(error_with("/model/vocab/cat", 4'000'000), HasSubstr("no token has the id 5"));
  EXPECT_THAT(error_with("/model/vocab/a\nb", 8), HasSubstr("line break"));
  EXPECT_THAT(error_with("/model/vocab", json::array()), HasSubstr("'model.vocab'"));
  EXPECT_THAT(error_with("/model/max_input_chars_per_word", "many"), HasSubstr("whole number"));
  EXPECT_THAT(error_with("/model/max_input_chars_per_word", -3), HasSubstr("whole number"));
  EXPECT_THAT(error_with("/normalizer/lowercase", 1), HasSubstr("'lowercase'"));
  EXPECT_THAT(error_with("/added_tokens", 7), HasSubstr("'added_tokens'"));
  EXPECT_THAT(error_with("/added_tokens/0", 7), HasSubstr("the id of token ''"));
  EXPECT_THAT(error_with("/model/type", 7), HasSubstr("'type'"));
}

TEST(LoadTokenizer, SurvivesDamagedFiles) {
  const TempFolder folder;
  wordpiece({"cat", "##s", ".", "\u4e2d"})->save(folder.path());
  for (const char* name : {"vocab.txt", "tokenizer.json"}) {
    expect_to_survive_damage(folder / name);
  }
}

}  // namespace
}  // namespace cram::tokenizer
