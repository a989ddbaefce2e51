// WordPiece against answers of Hugging Face's tokenizers, kept in golden_wordpiece.json
// (tools/bench/tokenizer_oracle.py golden).
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cram/base/hash.h"
#include "cram/tokenizer/tokenizer.h"

#include "tokenizer/tokenizer_files.h"

namespace cram::tokenizer {
namespace {

using nlohmann::json;

json golden() {
  std::ifstream file(CRAM_SOURCE_DIR "/tests/tokenizer/golden_wordpiece.json");
  return json::parse(file);
}

Normalization normalization_of(const json& mode) {
  return {.lowercase = mode.at("lowercase"),
          .strip_accents = mode.at("strip_accents"),
          .ascii_only = mode.at("ascii_only")};
}

std::string utf8(char32_t code) {
  const auto byte = [](char32_t bits) { return static_cast<char>(bits); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xC0 | code >> 6), byte(0x80 | (code & 63))};
  if (code < 0x10000) {
    return {byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 63)), byte(0x80 | (code & 63))};
  }
  return {byte(0xF0 | code >> 18), byte(0x80 | (code >> 12 & 63)), byte(0x80 | (code >> 6 & 63)),
          byte(0x80 | (code & 63))};
}

bool is_space(char32_t code) {
  return code <= 0x20 || code == 0x85 || code == 0xA0 || code == 0x1680 ||
         (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F ||
         code == 0x205F || code == 0x3000;
}

bool is_surrogate(char32_t code) { return code >= 0xD800 && code < 0xE000; }

// Every code point that can change, by itself and inside a word.
std::vector<std::string> code_point_tokens() {
  std::vector<std::string> tokens;
  for (char32_t code = 0x21; code < 0x30000; ++code) {
    if (is_surrogate(code) || is_space(code)) continue;
    tokens.push_back(utf8(code));
    tokens.push_back("##" + utf8(code));
  }
  return tokens;
}

// FNV-1a over what becomes of every code point between two letters.
std::uint64_t code_points_hash(const Tokenizer& tokenizer) {
  std::uint64_t hash = 0xCBF29CE484222325;
  const auto add = [&](std::string_view text) {
    for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3;
  };
  for (char32_t code = 0; code < 0x110000; ++code) {
    if (is_surrogate(code)) continue;
    add(test::pieces(tokenizer, "a" + utf8(code) + "b") + "\n");
  }
  return hash;
}

TEST(Unicode, EveryCodePointBecomesWhatTokenizersMakesOfIt) {
  const json answers = golden();
  const cram::test::TempFolder folder;
  test::write(folder / "vocab.txt", test::vocab_txt(code_point_tokens()));
  ASSERT_EQ(answers.at("modes").size(), 5U);
  for (const json& mode : answers.at("modes")) {
    const auto tokenizer = load_tokenizer(folder / "vocab.txt", normalization_of(mode));
    EXPECT_EQ(hex64(code_points_hash(*tokenizer)), mode.at("code_points").get<std::string>())
        << normalization_of(mode).lowercase << normalization_of(mode).strip_accents;
  }
}

TEST(Unicode, HostileTextsGetTheIdsOfTokenizers) {
  const json answers = golden();
  const cram::test::TempFolder folder;
  std::string vocab;
  for (const std::string token : answers.at("tokens")) vocab += token + '\n';
  test::write(folder / "vocab.txt", vocab);
  for (const json& mode : answers.at("modes")) {
    const auto tokenizer = load_tokenizer(folder / "vocab.txt", normalization_of(mode));
    for (std::size_t i = 0; i < answers.at("texts").size(); ++i) {
      const std::string text = answers.at("texts").at(i);
      EXPECT_EQ(tokenizer->encode(text), mode.at("ids").at(i).get<std::vector<TokenId>>())
          << "lowercase " << mode.at("lowercase") << ", strip_accents " << mode.at("strip_accents")
          << ", ascii_only " << mode.at("ascii_only") << ": " << text;
    }
  }
}

TEST(Unicode, MarksComeInCanonicalOrderWhicheverWayTheyAreWritten) {
  const auto tokenizer = test::wordpiece(code_point_tokens());
  // Hangul tone marks (class 224) and musical stems (class 216) are not stripped.
  EXPECT_EQ(tokenizer->encode("a\u302e\U0001d165"), tokenizer->encode("a\U0001d165\u302e"));
  EXPECT_EQ(tokenizer->encode("a\u302e\u0301\U0001d165"), tokenizer->encode("a\U0001d165\u302e"));
  EXPECT_NE(tokenizer->encode("a\u302e\u200bb\U0001d165"), tokenizer->encode("a\U0001d165\u302eb"));
}

TEST(Unicode, ComposedAndDecomposedTextIsTheSame) {
  const auto tokenizer = test::wordpiece(code_point_tokens());
  const std::map<std::string, std::string> forms = {{"\u00e9", "e\u0301"},
                                                    {"\u1e69", "s\u0323\u0307"},
                                                    {"\uac01", "\u1100\u1161\u11a8"},
                                                    {"\u212b", "A\u030a"},
                                                    {"\u1f82", "\u03b1\u0313\u0300\u0345"}};
  for (const auto& [composed, decomposed] : forms) {
    EXPECT_EQ(tokenizer->encode(composed), tokenizer->encode(decomposed)) << composed;
  }
}

}  // namespace
}  // namespace cram::tokenizer
