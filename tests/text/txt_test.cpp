#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/text/document.h"

#include "text/text_files.h"

namespace cram::text {
namespace {

using namespace std::string_literals;
using Kind = BadRecords::Kind;
using test::packed;
using test::Packing;
using test::read_as;
using test::Reading;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> paragraphs(const std::string& content, std::int64_t max = 16 << 20) {
  const Reading reading = read_as("a.txt", content, {.max_document_bytes = max});
  EXPECT_EQ(reading.bad.summary(), "");
  EXPECT_EQ(reading.bad.good(), static_cast<std::int64_t>(reading.texts.size()));
  return reading.texts;
}

std::vector<std::string> whole(const std::string& content, std::int64_t max = 16 << 20) {
  return read_as("a.txt", content,
                 {.txt_documents = TxtDocuments::kFile, .max_document_bytes = max})
      .texts;
}

TEST(Txt, SplitsParagraphsAtBlankLines) {
  EXPECT_THAT(paragraphs("one\ntwo\n\nthree\n"), ElementsAre("one\ntwo", "three"));
  EXPECT_THAT(paragraphs("\n\n \t\none\n\n\n  \n\ntwo"), ElementsAre("one", "two"));
  EXPECT_THAT(paragraphs("  indented\n\tmore"), ElementsAre("  indented\n\tmore"));
  EXPECT_THAT(paragraphs(""), ElementsAre());
  EXPECT_THAT(paragraphs("\n \n"), ElementsAre());
}

TEST(Txt, TakesAllLineEndsAndDropsTheByteOrderMark) {
  EXPECT_THAT(paragraphs("\xEF\xBB\xBFone\r\ntwo\r\n\r\nthree\r\n"),
              ElementsAre("one\ntwo", "three"));
  EXPECT_THAT(paragraphs("one\rtwo\r\rthree"), ElementsAre("one\ntwo", "three"));
  EXPECT_THAT(paragraphs("\xEF\xBB\xBF"), ElementsAre());
}

TEST(Txt, TakesAWholeFileAsOneDocument) {
  EXPECT_THAT(whole("one\r\n\r\n  two\n\n\n"), ElementsAre("one\n\n  two"));
  EXPECT_THAT(whole("\n\n  one\n"), ElementsAre("  one"));
  EXPECT_THAT(whole(""), ElementsAre());
}

TEST(Txt, CutsLongDocumentsAfterWhiteSpace) {
  EXPECT_THAT(paragraphs("aaaa bbbb cccc dddd", 12), ElementsAre("aaaa bbbb ", "cccc dddd"));
  EXPECT_THAT(paragraphs("aaa\nbbb\nccc\n\nddd", 8), ElementsAre("aaa\nbbb", "ccc", "ddd"));
  EXPECT_THAT(whole("aaaa bbbb\n\ncccc", 12), ElementsAre("aaaa bbbb", "cccc"));
  EXPECT_THAT(paragraphs("12345678\n", 8), ElementsAre("12345678"));
}

TEST(Txt, CutsBetweenCharactersWhereThereIsNoWhiteSpace) {
  EXPECT_THAT(paragraphs("aaaaaaaaaaaa", 5), ElementsAre("aaaaa", "aaaaa", "aa"));
  EXPECT_THAT(paragraphs("ééééé", 5), ElementsAre("éé", "éé", "é"));
  EXPECT_THAT(paragraphs("😀😀😀", 4), ElementsAre("😀", "😀", "😀"));
  EXPECT_THAT(paragraphs("日日日", 4), ElementsAre("日", "日", "日"));
}

TEST(Txt, LosesNothingWhenItCuts) {
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += std::to_string(i) + (i % 11 == 0 ? "é" : " ");
  text += "end";
  for (const std::int64_t max : {4, 5, 100, 4096, 70'000}) {
    std::string joined;
    for (const std::string& piece : paragraphs(text, max)) {
      ASSERT_LE(piece.size(), static_cast<std::size_t>(max));
      joined += piece;
    }
    EXPECT_EQ(joined, text) << max;
  }
}

TEST(Txt, CutsOneHugeLine) {
  const std::string text(5'000'000, 'x');
  const auto pieces = paragraphs(text, 1 << 20);
  ASSERT_EQ(pieces.size(), 5U);
  EXPECT_EQ(pieces[0].size(), std::size_t{1} << 20);
  EXPECT_EQ(pieces[4].size(), text.size() - 4 * (std::size_t{1} << 20));
}

TEST(Txt, SkipsShortDocuments) {
  const Reading reading = read_as("a.txt", "ab\n\nabc\n\nabcd\n", {.min_document_bytes = 4});
  EXPECT_THAT(reading.texts, ElementsAre("abcd"));
  EXPECT_EQ(reading.bad.skipped_short(), 2);
  EXPECT_EQ(reading.bad.bad(), 0);
}

TEST(Txt, RepairsAndCountsBadCharacters) {
  const Reading reading =
      read_as("a.txt", "fine\n\nbad \xC3\x28 \xFF\n\nnul \0 here\n\nboth \0\xFF"s);
  EXPECT_THAT(reading.texts,
              ElementsAre("fine", "bad \uFFFD( \uFFFD", "nul \uFFFD here", "both \uFFFD\uFFFD"));
  EXPECT_EQ(reading.bad.good(), 1);
  EXPECT_EQ(reading.bad.bad(Kind::kInvalidUtf8), 2);
  EXPECT_EQ(reading.bad.bad(Kind::kNulCharacter), 1);
  EXPECT_THAT(reading.bad.summary(), HasSubstr("a.txt:3: byte 5 of the text;"));
  EXPECT_THAT(reading.bad.summary(), HasSubstr("a.txt:5: byte 5 of the text)"));
}

TEST(Txt, CountsWhereABinaryFileIsNoText) {
  std::string content;
  for (int i = 0; i < 4096; ++i) content += static_cast<char>(i * 37 % 256);
  const Reading reading = read_as("a.txt", content);
  EXPECT_GT(reading.bad.bad(), 0);
  EXPECT_THROW(reading.bad.check(0.1), Error);
}

TEST(Txt, RefusesUtf16) { EXPECT_THROW((void)read_as("a.txt", "\xFF\xFEh\0i\0"s), Error); }

TEST(Txt, ReadsEveryCompression) {
  for (const Packing& packing : test::packings()) {
    const std::string file =
        packed("one\n\ntw", packing.compression) + packed("o\n\nthree\n", packing.compression);
    const Reading reading = read_as("a.txt"s + packing.ending, file);
    EXPECT_THAT(reading.texts, ElementsAre("one", "two", "three")) << packing.ending;
    EXPECT_EQ(reading.bad.summary(), "");
  }
}

TEST(Txt, UsesTheTextInFrontOfTheDamage) {
  std::string content;
  for (int i = 0; i < 200'000; ++i) content += "paragraph " + std::to_string(i) + "\n\n";
  const std::string file = packed(content, Compression::kGzip);
  const Reading reading = read_as("a.txt.gz", file.substr(0, file.size() / 2));
  ASSERT_GT(reading.texts.size(), 50'000U);
  EXPECT_EQ(reading.texts[49'999], "paragraph 49999");
  EXPECT_EQ(reading.bad.bad(), 1);
  EXPECT_EQ(reading.bad.bad(Kind::kDamagedFile), 1);
  EXPECT_THAT(reading.bad.summary(), HasSubstr("a.txt.gz:"));
}

TEST(Txt, RefusesALimitBelowOneCharacter) {
  EXPECT_THROW((void)read_as("a.txt", "x", {.max_document_bytes = 3}), Error);
  EXPECT_THROW((void)read_as("a.txt", "x", {.max_document_bytes = -1}), Error);
}

}  // namespace
}  // namespace cram::text
