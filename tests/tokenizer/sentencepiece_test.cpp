// SentencePiece models: trained, loaded, used, and refused.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/interrupt.h"
#include "cram/base/random.h"
#include "cram/tokenizer/train.h"

#include "tokenizer/tokenizer_files.h"

namespace cram::tokenizer {
namespace {

using cram::test::TempFolder;
using test::data_error_of;
using test::pieces;
using test::read;
using test::repeated;
using test::write;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using Tokens = std::vector<std::string>;

TextSource source_of(const std::vector<std::string>& texts) {
  return [texts, next = std::size_t{0}]() mutable -> std::optional<std::string> {
    if (next == texts.size()) return std::nullopt;
    return texts[next++];
  };
}

std::vector<std::string> small_corpus() {
  const std::vector<std::string> words = {
      "the",    "cat",   "sat",  "on",   "a",         "mat",        "with",  "playing",
      "player", "plays", "cats", "mats", "Caf\u00e9", "na\u00efve", "under", "understanding"};
  std::vector<std::string> texts;
  for (int i = 0; i < 200; ++i) {
    Random random(9, RandomStream::kSample, static_cast<std::uint64_t>(i));
    std::string text;
    for (int word = 0; word < 30; ++word) {
      text += words[random.below(static_cast<std::uint32_t>(words.size()))] +
              (word % 10 == 9 ? ".\n" : " ");
    }
    texts.push_back(text);
  }
  return texts;
}

std::shared_ptr<const Tokenizer> train(Algorithm algorithm, const std::vector<std::string>& texts,
                                       std::int64_t vocab_size,
                                       const Normalization& normalization = {}, int threads = 1) {
  return train_tokenizer({algorithm, vocab_size, normalization, threads}, source_of(texts));
}

// The content of a trained .model file.
std::string model_file(Algorithm algorithm = Algorithm::kUnigram) {
  const TempFolder folder;
  train(algorithm, small_corpus(), 40)->save(folder.path());
  return read(folder / "tokenizer.model");
}

std::string error_of_model(const std::string& content) {
  const TempFolder folder;
  write(folder / "x.model", content);
  return data_error_of([&] { (void)load_tokenizer(folder / "x.model", {}); });
}

class SentencePieceOf : public testing::TestWithParam<Algorithm> {};
INSTANTIATE_TEST_SUITE_P(Both, SentencePieceOf,
                         testing::Values(Algorithm::kUnigram, Algorithm::kBpe));

TEST_P(SentencePieceOf, HasBertsSpecialTokensFirst) {
  const auto tokenizer = train(GetParam(), small_corpus(), 40);
  EXPECT_EQ(tokenizer->vocab_size(), 40);
  const Tokens names = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  for (TokenId id = 0; id < 5; ++id) EXPECT_EQ(tokenizer->token(id), names[id]);
  EXPECT_EQ(tokenizer->special_tokens().mask, 4U);
}

TEST_P(SentencePieceOf, LetsNoTextNameASpecialToken) {
  const auto tokenizer = train(GetParam(), small_corpus(), 40);
  const std::vector<TokenId> ids = tokenizer->encode("the [MASK] [CLS][SEP] <s> [PAD] cat");
  for (const TokenId id : ids) {
    EXPECT_TRUE(!tokenizer->is_special(id) || id == tokenizer->special_tokens().unk);
  }
}

TEST_P(SentencePieceOf, DecodesWhatItEncodes) {
  const auto tokenizer = train(GetParam(), small_corpus(), 40);
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("the playing cat.")), "the playing cat.");
  std::vector<TokenId> ids = tokenizer->encode("the cat");
  ids.insert(ids.begin(), tokenizer->special_tokens().cls);
  ids.push_back(tokenizer->special_tokens().mask);
  EXPECT_EQ(tokenizer->decode(ids), "[CLS] the cat [MASK]");
}

TEST_P(SentencePieceOf, KnowsWhatContinuesAWord) {
  const auto tokenizer = train(GetParam(), small_corpus(), 40);
  bool first = true;
  for (const TokenId id : tokenizer->encode("understandings")) {
    EXPECT_EQ(tokenizer->continues_word(id), !first);
    first = false;
  }
  EXPECT_FALSE(tokenizer->continues_word(tokenizer->special_tokens().mask));
}

TEST_P(SentencePieceOf, IsTheSameForAnyNumberOfThreads) {
  const std::uint64_t expected = train(GetParam(), small_corpus(), 40, {}, 1)->fingerprint();
  EXPECT_EQ(train(GetParam(), small_corpus(), 40, {}, 5)->fingerprint(), expected);
}

TEST_P(SentencePieceOf, ComesBackTheSameFromItsFolder) {
  const auto tokenizer = train(GetParam(), small_corpus(), 40);
  const TempFolder folder;
  tokenizer->save(folder.path());
  for (const char* name : {"", "tokenizer.json", "tokenizer.model"}) {
    EXPECT_EQ(load_tokenizer(folder.path() / name, {})->fingerprint(), tokenizer->fingerprint())
        << name;
  }
}

TEST_P(SentencePieceOf, IsSilent) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  const auto tokenizer = train(GetParam(), small_corpus(), 40);
  (void)tokenizer->encode("the cat\x01 \u00e9");
  EXPECT_THAT(error_of_model("\x0a\x05wrong"), HasSubstr("x.model"));
  (void)data_error_of([] { (void)train(GetParam(), {"a"}, 5000); });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST_P(SentencePieceOf, NormalisesAsItIsTold) {
  const auto first_id = [](const Normalization& normalization, const std::string& text) {
    return pieces(*train(GetParam(), small_corpus(), 40, normalization), text);
  };
  const std::string text = "Caf\u00e9 cafe\u0301 \u2581";
  const Normalization plain = {.lowercase = false, .strip_accents = false};
  EXPECT_EQ(first_id({}, text), first_id({}, "cafe cafe"));
  EXPECT_EQ(first_id({.strip_accents = false}, text),
            first_id({.strip_accents = false}, "caf\u00e9 caf\u00e9"));
  EXPECT_EQ(first_id({.lowercase = false}, text), first_id({.lowercase = false}, "Cafe cafe"));
  EXPECT_NE(first_id(plain, "Caf\u00e9"), first_id(plain, "cafe"));
  EXPECT_EQ(first_id({.ascii_only = true}, "the \u4e2d\u0416\uac00cat\u2028"),
            first_id({.ascii_only = true}, "the cat"));
}

TEST_P(SentencePieceOf, LearnsFromLinesOfAnyLength) {
  // Each letter occurs in one line only, far beyond the trainer's own limit.
  std::vector<std::string> texts;
  for (const char* letter : {"q", "w", "\u00df", "\u4e2d"})
    texts.push_back(repeated(letter, 30'000));
  for (const char* word : {"ze ", "xo ", "\u0436y "}) texts.push_back(repeated(word, 30'000));
  texts.push_back("v\u2585v" + std::string("\0v", 2) + repeated(" v", 3000));
  const auto tokenizer = train(GetParam(), texts, 60);
  for (const char* text : {"q", "w", "\u00df", "\u4e2d", "ze", "xo", "\u0436y", "v"}) {
    EXPECT_THAT(tokenizer->encode(text), Not(Contains(tokenizer->special_tokens().unk))) << text;
  }
}

TEST_P(SentencePieceOf, SaysWhyTrainingFails) {
  EXPECT_THAT(data_error_of([] { (void)train(GetParam(), {"a b c"}, 5000); }),
              HasSubstr("SentencePiece trainer failed"));
  EXPECT_THAT(data_error_of([] {
                (void)train(GetParam(), {"", " \n"}, 100);
              }),
              HasSubstr("no text"));
  EXPECT_THAT(data_error_of([] { (void)train(GetParam(), {"\x01\x02"}, 100); }),
              HasSubstr("SentencePiece"));
}

TEST(SentencePiece, StopsReadingWhenAsked) {
  interrupt::request_stop(2);
  EXPECT_THROW((void)train(Algorithm::kUnigram, small_corpus(), 40), Interrupted);
  interrupt::clear();
}

TEST(SentencePiece, StopsTrainingWhenAsked) {
  const TextSource source = [texts = source_of(small_corpus())] {
    auto text = texts();
    if (!text) interrupt::request_stop(2);
    return text;
  };
  EXPECT_THROW((void)train_tokenizer({Algorithm::kUnigram, 40, {}, 1}, source), Interrupted);
  interrupt::clear();
}

TEST(SentencePiece, MakesControlSymbolsOfSpecialTokensThatTextCouldSpell) {
  std::string file = model_file();
  const std::size_t at = file.find("[MASK]");
  ASSERT_NE(at, std::string::npos);
  ASSERT_EQ(file.substr(at + 11, 2), "\x18\x03") << "a score, then the type: control";
  file[at + 12] = 4;  // user-defined
  const TempFolder folder;
  write(folder / "x.model", file);
  const auto tokenizer = load_tokenizer(folder / "x.model", {});
  EXPECT_THAT(tokenizer->encode("the [MASK] cat"), Not(Contains(TokenId{4})));
  EXPECT_EQ(tokenizer->token(4), "[MASK]");
}

TEST(SentencePiece, NamesWhatIsUnsupported) {
  std::string file = model_file();
  EXPECT_THAT(error_of_model(file + "\x12\x02\x18\x03"), HasSubstr("model type 3"));
  EXPECT_THAT(error_of_model(file + std::string("\x12\x03\xc0\x01\x01", 5)),
              HasSubstr("treat_whitespace_as_suffix"));
  EXPECT_THAT(error_of_model(file + std::string("\x1a\x02\x28\x00", 4)),
              HasSubstr("escape_whitespaces"));
}

// A piece as it stands in the file: text, score, type (0: none).
std::string piece_field(const std::string& text, float score, int type) {
  std::string message = "\x0a" + std::string(1, static_cast<char>(text.size())) + text + "\x15";
  message.append(reinterpret_cast<const char*>(&score), sizeof score);
  if (type != 0) message += std::string("\x18") + static_cast<char>(type);
  return "\x0a" + std::string(1, static_cast<char>(message.size())) + message;
}

TEST(SentencePiece, RefusesBrokenModelsInOneLine) {
  const std::string file = model_file();
  EXPECT_THAT(error_of_model(""), HasSubstr("x.model"));
  EXPECT_THAT(error_of_model(file.substr(0, file.size() / 2)), HasSubstr("damaged"));
  EXPECT_THAT(error_of_model(file + piece_field("cat", std::nanf(""), 0)), HasSubstr("finite"));
  EXPECT_THAT(error_of_model(file + piece_field("", 0, 0)), HasSubstr("is empty"));
  EXPECT_THAT(error_of_model(file + piece_field(std::string("a\0b", 3), 0, 0)), HasSubstr("NUL"));
  EXPECT_THAT(error_of_model(file + piece_field("c\xff", 0, 0)), HasSubstr("UTF-8"));
  EXPECT_THAT(error_of_model(file + piece_field("[CLS]", 0, 3)), HasSubstr("the same: '[CLS]'"));
  EXPECT_THAT(error_of_model(file + piece_field("new", 0, 9)), HasSubstr("unknown type"));
  EXPECT_THAT(error_of_model(file + piece_field("<0x00>", 0, 6)),
              HasSubstr("broken SentencePiece model"));
}

TEST(SentencePiece, RefusesRulesThatLeadAstray) {
  const std::string file = model_file();
  const std::size_t name = file.rfind("user_defined");
  ASSERT_NE(name, std::string::npos) << "the name of a rule table of our own";
  const std::size_t rules = file.find('\x12', name) + 1;  // the size of the rules, then the rules
  const auto damaged = [&](std::size_t offset, const std::string& bytes) {
    std::string copy = file;
    copy.replace(rules + 3 + offset, bytes.size(), bytes);
    return error_of_model(copy);
  };
  EXPECT_THAT(damaged(0, "\xff\xff\xff\x7f"), HasSubstr("rules are damaged"));
  EXPECT_THAT(damaged(0, std::string("\x03\x00\x00\x00", 4)), HasSubstr("rules are damaged"));
  EXPECT_THAT(damaged(4, "\xff\xff\xff\x7f"), HasSubstr("rules are damaged")) << "the first step";
}

TEST(SentencePiece, SurvivesDamagedModels) {
  const TempFolder folder;
  for (const Algorithm algorithm : {Algorithm::kUnigram, Algorithm::kBpe}) {
    const std::string file = model_file(algorithm);
    Random random(2, RandomStream::kSample, file.size());
    for (int i = 0; i < 400; ++i) {
      std::string copy = file;
      for (std::uint32_t change = 0; change <= random.below(3); ++change) {
        // Half of the changes hit the pieces, which come first.
        const std::size_t range = random.below(2) == 0 ? 1200 : copy.size();
        const std::size_t at =
            random.below(static_cast<std::uint32_t>(std::min(range, copy.size())));
        copy[at] = static_cast<char>(random.below(256));
      }
      if (random.below(8) == 0) copy.resize(random.below(static_cast<std::uint32_t>(copy.size())));
      write(folder / "x.model", copy);
      try {
        const auto tokenizer = load_tokenizer(folder / "x.model", {});
        for (const TokenId id :
             tokenizer->encode("the Caf\u00e9 \u2460\u4e2d\u0301 [MASK] x\x01\xff")) {
          ASSERT_LT(id, tokenizer->vocab_size());
        }
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kData) << error.what();
      }
    }
  }
}

std::filesystem::path shared_model(const std::string& name) {
  return std::filesystem::path(CRAM_SHARED_DIR) / "data/tokenizers" / name;
}

TEST(SentencePiece, ReadsPublishedModels) {
  if (!std::filesystem::exists(shared_model("30k-clean.model"))) GTEST_SKIP() << "no shared data";
  const auto tokenizer = load_tokenizer(shared_model("30k-clean.model"), {});
  EXPECT_EQ(tokenizer->vocab_size(), 30000);
  EXPECT_EQ(tokenizer->token(tokenizer->special_tokens().mask), "[MASK]");
  EXPECT_EQ(tokenizer->special_tokens().pad, 0U);
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("The capital of France")), "The capital of France");
}

TEST(SentencePiece, NamesTheSpecialTokenThatAModelLacks) {
  if (!std::filesystem::exists(shared_model("test_model.model"))) GTEST_SKIP() << "no shared data";
  EXPECT_THAT(data_error_of([] { (void)load_tokenizer(shared_model("test_model.model"), {}); }),
              AllOf(HasSubstr("test_model.model"), HasSubstr("[PAD] or <pad>")));
}

TEST(SentencePiece, IsNotTakenForAnotherTokenizerBesideIt) {
  const TempFolder folder;
  train(Algorithm::kUnigram, small_corpus(), 40)->save(folder.path());
  std::string json = read(folder / "tokenizer.json");
  json.replace(json.find("\"prepend_scheme\": \"always\""), 26, "\"prepend_scheme\": \"never\" ");
  write(folder / "tokenizer.json", json);
  EXPECT_THAT(data_error_of([&] { (void)load_tokenizer(folder.path(), {}); }),
              HasSubstr("unsupported model Unigram"));
}

}  // namespace
}  // namespace cram::tokenizer
