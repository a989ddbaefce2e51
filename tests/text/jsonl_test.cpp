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

TEST(Jsonl, ReadsAnObjectALine) {
  for (const char* name : {"a.jsonl", "a.json"}) {
    const Reading reading = read_as(
        name, "\xEF\xBB\xBF{\"text\":\"one\"}\r\n\n  \t\n{\"id\":2,\"text\":\"two\\nlines\"}");
    EXPECT_THAT(reading.texts, ElementsAre("one", "two\nlines"));
    EXPECT_EQ(reading.bad.summary(), "");
    EXPECT_EQ(reading.bad.good(), 2);
    EXPECT_EQ(reading.bad.skipped_short(), 0);
  }
}

TEST(Jsonl, TakesTheConfiguredField) {
  EXPECT_THAT(read_as("a.jsonl", "{\"text\":1,\"content\":\"c\"}", {.text_field = "content"}).texts,
              ElementsAre("c"));
}

TEST(Jsonl, SkipsAndCountsWhatItCannotUse) {
  const Reading reading = read_as("a.jsonl",
                                  "{\"text\":\"one\"}\n"
                                  "{\"text\":\"half\n"
                                  "{\"txt\":\"x\"}\n"
                                  "{\"text\":null}\n"
                                  "{\"text\":\"a\"} {\"text\":\"b\"}\n"
                                  "{\"text\":\"\"}\n"
                                  "{\"text\":\" \\n\"}\n"
                                  "{\"text\":\"two\"}\n");
  EXPECT_THAT(reading.texts, ElementsAre("one", "two"));
  EXPECT_EQ(reading.bad.good(), 2);
  EXPECT_EQ(reading.bad.skipped_short(), 2);
  EXPECT_EQ(reading.bad.bad(Kind::kBrokenJson), 2);
  EXPECT_EQ(reading.bad.bad(Kind::kMissingField), 2);
  EXPECT_THAT(reading.bad.summary(), HasSubstr("a.jsonl:2: unexpected end at byte 14;"));
  EXPECT_THAT(reading.bad.summary(), HasSubstr("a.jsonl:3: no \"text\" among the fields txt;"));
  EXPECT_THAT(reading.bad.summary(), HasSubstr("a.jsonl:4: \"text\" is no string)"));
}

TEST(Jsonl, RepairsAndCountsBadCharacters) {
  const Reading reading = read_as("a.jsonl",
                                  "{\"text\":\"bad \xFF\"}\n"
                                  "{\"text\":\"lone \\ud800\"}\n"
                                  "{\"text\":\"nul \\u0000\"}\n"
                                  "{\"text\":\"fine\",\"other\":\"\xFF\"}\n");
  EXPECT_THAT(reading.texts, ElementsAre("bad \uFFFD", "lone \uFFFD", "nul \uFFFD", "fine"));
  EXPECT_EQ(reading.bad.good(), 1);
  EXPECT_EQ(reading.bad.bad(Kind::kInvalidUtf8), 2);
  EXPECT_EQ(reading.bad.bad(Kind::kNulCharacter), 1);
  EXPECT_THAT(reading.bad.summary(), HasSubstr("a.jsonl:2: escape of a lone surrogate)"));
}

TEST(Jsonl, CutsLongTexts) {
  const Reading reading = read_as("a.jsonl", "{\"text\":\"aaaa bbbb cccc\"}\n{\"text\":\"d\"}",
                                  {.max_document_bytes = 12});
  EXPECT_THAT(reading.texts, ElementsAre("aaaa bbbb ", "cccc", "d"));
  EXPECT_EQ(reading.bad.summary(), "");
}

TEST(Jsonl, CutsATextThatIsMuchLongerThanTheLimit) {
  const std::string text(3'000'000, 'x');
  const Reading reading =
      read_as("a.jsonl", "{\"text\":\"" + text + "\"}", {.max_document_bytes = 1000});
  EXPECT_EQ(reading.texts.size(), 3000U);
  EXPECT_EQ(reading.bad.summary(), "");
}

TEST(Jsonl, RefusesOtherLayoutsOfJson) {
  for (const char* content :
       {"[{\"text\":\"a\"}]", "\n [\n", "{\n  \"text\": \"a\"\n}", "{ \r\n\"text\":\"a\"}"}) {
    try {
      (void)read_as("a.json", content);
      FAIL() << content << " was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      EXPECT_THAT(error.what(), HasSubstr("not one object a line"));
      EXPECT_THAT(error.hint(), HasSubstr("jq -c"));
    }
  }
}

TEST(Jsonl, CountsALaterArrayAsABrokenLine) {
  const Reading reading = read_as("a.jsonl", "{\"text\":\"a\"}\n[1]\n{\n");
  EXPECT_THAT(reading.texts, ElementsAre("a"));
  EXPECT_EQ(reading.bad.bad(Kind::kBrokenJson), 2);
}

TEST(Jsonl, ReadsEveryCompression) {
  for (const Packing& packing : test::packings()) {
    const std::string file = packed("{\"text\":\"one\"}\n{\"te", packing.compression) +
                             packed("xt\":\"two\"}\n", packing.compression);
    const Reading reading = read_as("a.jsonl"s + packing.ending, file);
    EXPECT_THAT(reading.texts, ElementsAre("one", "two")) << packing.ending;
    EXPECT_EQ(reading.bad.summary(), "");
  }
}

TEST(Jsonl, CountsHalfALineWithTheDamage) {
  std::string content;
  for (int i = 0; i < 30'000; ++i) content += "{\"text\":\"row " + std::to_string(i) + "\"}\n";
  for (const Packing& packing : test::packings()) {
    if (packing.compression == Compression::kNone) continue;
    const std::string file = packed(content, packing.compression);
    const Reading reading =
        read_as("a.jsonl"s + packing.ending, file.substr(0, file.size() * 9 / 10));
    EXPECT_EQ(reading.bad.bad(), 1) << packing.ending;
    EXPECT_EQ(reading.bad.bad(Kind::kDamagedFile), 1) << packing.ending;
    for (std::size_t i = 0; i < reading.texts.size(); ++i) {
      ASSERT_EQ(reading.texts[i], "row " + std::to_string(i));
    }
  }
}

TEST(Jsonl, TellsHowFarItIs) {
  std::string content;
  for (int i = 0; i < 30'000; ++i) content += "{\"text\":\"row " + std::to_string(i) + "\"}\n";
  for (const Packing& packing : test::packings()) {
    const cram::test::TempFolder folder;
    const auto path =
        test::write(folder / ("a.jsonl"s + packing.ending), packed(content, packing.compression));
    BadRecords bad;
    const auto reader = open_documents(test::source(path), {}, bad);
    std::uint64_t before = 0;
    while (reader->next()) {
      ASSERT_GE(reader->bytes_read(), before);
      before = reader->bytes_read();
    }
    EXPECT_EQ(reader->bytes_read(), std::filesystem::file_size(path)) << packing.ending;
    EXPECT_FALSE(reader->next());
  }
}

}  // namespace
}  // namespace cram::text
