#include "cram/text/utf8.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cram::text {
namespace {

using namespace std::string_literals;

constexpr const char* kReplacement = "\xEF\xBF\xBD";

// The encoding by its definition (RFC 3629, section 3).
std::string encode(unsigned code) {
  const auto low = [code](int shift) { return static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0 | (code >> 6)), low(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0 | (code >> 12)), low(6), low(0)};
  return {static_cast<char>(0xF0 | (code >> 18)), low(12), low(6), low(0)};
}

bool is_scalar(unsigned code) { return code < 0xD800 || (code > 0xDFFF && code <= 0x10FFFF); }

// All well-formed characters of one length, as numbers made of their bytes.
std::set<unsigned> characters_of(std::size_t bytes) {
  std::set<unsigned> all;
  for (unsigned code = 0; code <= 0xFFFF; ++code) {
    const std::string text = encode(code);
    if (!is_scalar(code) || text.size() != bytes) continue;
    unsigned number = 0;
    for (const char byte : text) number = number << 8 | static_cast<unsigned char>(byte);
    all.insert(number);
  }
  return all;
}

TEST(Utf8, AcceptsEveryScalarValueAndNoSurrogate) {
  for (unsigned code = 0; code <= 0x10FFFF; ++code) {
    const std::string text = encode(code);
    ASSERT_EQ(is_valid_utf8(text), is_scalar(code)) << std::hex << code;
    ASSERT_FALSE(text.size() > 1 && is_valid_utf8(text.substr(1))) << std::hex << code;
  }
  EXPECT_FALSE(is_valid_utf8(encode(0x110000)));
}

TEST(Utf8, AgreesWithTheTableOnAllTwoByteSequences) {
  const std::set<unsigned> pairs = characters_of(2);
  for (unsigned number = 0; number <= 0xFFFF; ++number) {
    const std::string text = {static_cast<char>(number >> 8), static_cast<char>(number & 0xFF)};
    const bool ascii = (number & 0x8080) == 0;
    ASSERT_EQ(is_valid_utf8(text), ascii || pairs.contains(number)) << std::hex << number;
  }
}

TEST(Utf8, AgreesWithTheTableOnAllThreeByteSequencesOfANonAsciiLead) {
  const std::set<unsigned> pairs = characters_of(2);
  const std::set<unsigned> triples = characters_of(3);
  for (unsigned number = 0x800000; number <= 0xFFFFFF; ++number) {
    const char text[] = {static_cast<char>(number >> 16), static_cast<char>(number >> 8 & 0xFF),
                         static_cast<char>(number & 0xFF)};
    const bool pair = (number & 0x80) == 0 && pairs.contains(number >> 8);
    ASSERT_EQ(is_valid_utf8({text, 3}), pair || triples.contains(number)) << std::hex << number;
  }
}

// Hash, counts and replacements were computed by CPython 3.11: bytes.decode("utf8", "replace").
TEST(Utf8, RepairsAllFourByteSequencesOfBoundaryBytesAsPythonDoes) {
  const std::vector<unsigned> bytes = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                       0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
                                       0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a over all the repaired texts
  int valid = 0;
  const auto check = [&](const std::string& text) {
    if (is_valid_utf8(text)) ++valid;
    const std::string repaired = repair_utf8(text);
    ASSERT_TRUE(is_valid_utf8(repaired));
    for (const char byte : repaired) {
      hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    }
  };
  const auto count = static_cast<unsigned>(bytes.size());
  for (unsigned i = 0; i < count * count * count * count; ++i) {
    check({static_cast<char>(bytes[i / (count * count * count)]),
           static_cast<char>(bytes[i / (count * count) % count]),
           static_cast<char>(bytes[i / count % count]), static_cast<char>(bytes[i % count])});
  }
  EXPECT_EQ(valid, 2277);
  EXPECT_EQ(hash, 0xb9eb8d0b45e0b6d1);
}

// The Unicode Standard, chapter 3.9, tables 3-8 to 3-11; R stands for U+FFFD.
TEST(Utf8, RepairsTheExamplesOfTheStandard) {
  const std::vector<std::pair<std::string, std::string>> examples = {
      {"\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64", "aRRRbRcRRd"},
      {"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", "RRRRRRRRA"},
      {"\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", "RRRRRRRRA"},
      {"\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", "RRRRRARRB"},
      {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", "RRRRA"}};
  for (const auto& [broken, wanted] : examples) {
    std::string expected;
    for (const char c : wanted) expected += c == 'R' ? kReplacement : std::string{c};
    EXPECT_EQ(repair_utf8(broken), expected);
  }
}

TEST(Utf8, FindsTheFirstBadByteAtEveryAlignmentAndLength) {
  for (std::size_t before = 0; before < 80; ++before) {
    for (std::size_t after = 0; after < 40; ++after) {
      const std::string sound = std::string(before, 'a') + "é" + std::string(after, 'b');
      ASSERT_EQ(valid_utf8_prefix(sound), sound.size());
      ASSERT_EQ(valid_utf8_prefix(sound + "\x80"), sound.size());
      std::string broken = sound;
      broken[before + 1] = 'x';
      ASSERT_EQ(valid_utf8_prefix(broken), before);
    }
  }
}

TEST(Utf8, KeepsSoundTextAsItIs) {
  const std::string text = "naïve 日本語 \U0001F600 "s + '\0' + " end";
  EXPECT_EQ(repair_utf8(text), text);
  EXPECT_EQ(repair_utf8(""), "");
}

TEST(Utf8, FindsBoundariesOfCharacters) {
  const std::string text = "aé日\U0001F600z";
  const std::vector<std::size_t> expected = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
  for (std::size_t at = 0; at < expected.size(); ++at) {
    EXPECT_EQ(utf8_boundary(text, at), expected[at]) << at;
  }
}

TEST(Utf8, TakesAnyPositionOfBrokenTextAsABoundaryWithinThreeBytes) {
  const std::string text(50, '\x80');
  for (std::size_t at = 0; at <= text.size(); ++at) {
    EXPECT_LE(utf8_boundary(text, at), at);
    EXPECT_LE(at - utf8_boundary(text, at), 3U);
  }
  EXPECT_EQ(utf8_boundary("\xE1zz", 1), 1U);
}

}  // namespace
}  // namespace cram::text
