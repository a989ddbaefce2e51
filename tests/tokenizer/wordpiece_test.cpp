// WordPiece by itself: cutting, normalising, decoding.
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "cram/tokenizer/tokenizer.h"

#include "tokenizer/tokenizer_files.h"

namespace cram::tokenizer {
namespace {

using test::pieces;
using test::repeated;
using test::wordpiece;

TEST(WordPiece, TakesTheLongestTokenEachTime) {
  const auto tokenizer = wordpiece({"un", "unable", "##aff", "##able", "##a", "##f", "affable"});
  EXPECT_EQ(pieces(*tokenizer, "unaffable"), "un ##aff ##able");
  EXPECT_EQ(pieces(*tokenizer, "unable affable"), "unable affable");
  EXPECT_EQ(pieces(*tokenizer, "unfa"), "un ##f ##a");
}

TEST(WordPiece, GivesUpOnAWholeWordAtOnce) {
  const auto tokenizer = wordpiece({"un", "##aff", "cat"});
  EXPECT_EQ(pieces(*tokenizer, "unaffx cat"), "[UNK] cat");
  EXPECT_EQ(pieces(*tokenizer, "aff"), "[UNK]") << "a continuation does not begin a word";
  EXPECT_EQ(pieces(*tokenizer, "un."), "un [UNK]");
}

TEST(WordPiece, DoesNotBacktrack) {
  const auto tokenizer = wordpiece({"ab", "a", "##bc"});
  EXPECT_EQ(pieces(*tokenizer, "abc"), "[UNK]");
}

TEST(WordPiece, LetsNoTextNameASpecialToken) {
  const auto tokenizer = wordpiece({"[", "]", "mask", "unk", "<", ">"});
  EXPECT_EQ(pieces(*tokenizer, "[MASK] [mask] [UNK]"), "[ mask ] [ mask ] [ unk ]");
  for (const TokenId id : tokenizer->encode("[MASK][CLS][SEP][PAD]")) {
    EXPECT_TRUE(!tokenizer->is_special(id) || id == tokenizer->special_tokens().unk);
  }
}

TEST(WordPiece, LooksAtAtMostAHundredCharacters) {
  const auto tokenizer = wordpiece({"a", "##a", "\u00df", "##\u00df"});
  EXPECT_EQ(tokenizer->encode(std::string(100, 'a')).size(), 100U);
  EXPECT_EQ(pieces(*tokenizer, std::string(101, 'a')), "[UNK]");
  EXPECT_EQ(tokenizer->encode(repeated("\u00df", 100)).size(), 100U) << "characters, not bytes";
  EXPECT_EQ(pieces(*tokenizer, repeated("\u00df", 101)), "[UNK]");
  EXPECT_EQ(pieces(*tokenizer, std::string(10'000'000, 'a')), "[UNK]");
}

TEST(WordPiece, CutsWordsOfEveryLengthAlike) {
  const auto tokenizer = wordpiece({"a", "##a", ".", "x"});
  for (int length = 1; length <= 40; ++length) {
    const std::string word(static_cast<std::size_t>(length), 'a');
    const std::string expected = "a" + repeated(" ##a", length - 1);
    for (const char* after : {"", ".", " x", "\n", "\u00a0x", "\u0301", "\x01"}) {
      const std::string tail = after[0] == '.'                     ? " ."
                               : std::string(after).ends_with('x') ? " x"
                                                                   : "";
      EXPECT_EQ(pieces(*tokenizer, word + after), expected + tail) << length << " and " << after;
      EXPECT_EQ(pieces(*tokenizer, "x " + word + after), "x " + expected + tail);
    }
  }
}

TEST(WordPiece, NormalisesAsItIsTold) {
  const std::vector<std::string> tokens = {"cafe", "caf\u00e9", "Cafe", "Caf\u00e9", "caf"};
  const std::string text = "Caf\u00e9";
  EXPECT_EQ(pieces(*wordpiece(tokens), text), "cafe");
  EXPECT_EQ(pieces(*wordpiece(tokens, {.strip_accents = false}), text), "caf\u00e9");
  EXPECT_EQ(pieces(*wordpiece(tokens, {.lowercase = false}), text), "Cafe");
  EXPECT_EQ(pieces(*wordpiece(tokens, {.lowercase = false, .strip_accents = false}), text),
            "Caf\u00e9");
  EXPECT_EQ(pieces(*wordpiece(tokens, {.strip_accents = false, .ascii_only = true}), text), "caf");
}

TEST(WordPiece, AppendsToWhatIsThere) {
  const auto tokenizer = wordpiece({"cat"});
  std::vector<TokenId> ids = {7};
  tokenizer->encode("cat dog", ids);
  EXPECT_EQ(ids, (std::vector<TokenId>{7, 5, 1}));
}

TEST(WordPiece, ReadsNothingBeyondTheText) {
  const auto tokenizer = wordpiece({"a", "b", "##b", "\u00e9"});
  const std::string text = "ab\u00e9 b";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const std::vector<char> exact(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length));
    (void)tokenizer->encode(std::string_view(exact.data(), exact.size()));
  }
}

TEST(WordPiece, SurvivesBytesThatAreNotUtf8) {
  const auto tokenizer = wordpiece({"a", "b"});
  EXPECT_EQ(pieces(*tokenizer, "a\xff \xc3 b\xed\xa0\x80 \xf0\x9f"), "a b");
}

TEST(WordPiece, DecodesToReadableText) {
  const auto tokenizer = wordpiece({"un", "##aff", "##able", "cat", ".", ",", "\"", "'"});
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("unaffable, cat.")), "unaffable, cat.");
  EXPECT_EQ(tokenizer->decode(std::vector<TokenId>{2, 5, 6, 4, 7, 8, 3}),
            "[CLS] unaff [MASK]able cat [SEP]");
  EXPECT_EQ(tokenizer->decode({}), "");
}

TEST(WordPiece, KnowsWhatContinuesAWord) {
  const auto tokenizer = wordpiece({"un", "##aff", "#"});
  EXPECT_FALSE(tokenizer->continues_word(5));
  EXPECT_TRUE(tokenizer->continues_word(6));
  EXPECT_FALSE(tokenizer->continues_word(7));
  EXPECT_FALSE(tokenizer->continues_word(tokenizer->special_tokens().mask));
}

TEST(WordPiece, HasAFingerprintOfAllThatDeterminesTheIds) {
  const std::vector<std::string> tokens = {"a", "b"};
  std::set<std::uint64_t> seen;
  seen.insert(wordpiece(tokens)->fingerprint());
  EXPECT_FALSE(seen.insert(wordpiece(tokens)->fingerprint()).second);
  EXPECT_TRUE(seen.insert(wordpiece({"b", "a"})->fingerprint()).second);
  EXPECT_TRUE(seen.insert(wordpiece({"ab"})->fingerprint()).second);
  EXPECT_TRUE(seen.insert(wordpiece(tokens, {.lowercase = false})->fingerprint()).second);
  EXPECT_TRUE(seen.insert(wordpiece(tokens, {.strip_accents = false})->fingerprint()).second);
  EXPECT_TRUE(seen.insert(wordpiece(tokens, {.ascii_only = true})->fingerprint()).second);
}

TEST(WordPiece, ServesManyThreadsAtOnce) {
  const auto tokenizer = wordpiece({"a", "##b", "##c", "\u00e9"});
  const std::string text = repeated("abc \u00e9 acb, x\u0301 ", 2000);
  const std::vector<TokenId> expected = tokenizer->encode(text);
  std::vector<std::vector<TokenId>> results(4);
  std::vector<std::thread> threads;
  for (auto& result : results) threads.emplace_back([&] { result = tokenizer->encode(text); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

}  // namespace
}  // namespace cram::tokenizer
