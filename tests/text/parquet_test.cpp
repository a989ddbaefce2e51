// The files in data/ were written by an independent writer: see data/make_parquet.py.
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/text/document.h"
#include "cram/text/utf8.h"

#include "text/text_files.h"

namespace cram::text {
namespace {

namespace fs = std::filesystem;
using Kind = BadRecords::Kind;
using cram::test::TempFolder;
using test::read;
using test::Reading;
using test::slurp;
using test::source;
using test::write;
using testing::ElementsAre;
using testing::HasSubstr;

class Parquet : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_read_parquet()) GTEST_SKIP() << "built without Parquet";
  }
  [[nodiscard]] static fs::path data(const std::string& name) {
    return fs::path(CRAM_SOURCE_DIR) / "tests/text/data" / name;
  }
  [[nodiscard]] fs::path broken(std::string_view content) const {
    return write(folder_ / "broken.parquet", content);
  }
  [[nodiscard]] static Error refused(const fs::path& path, const std::string& field = "text") {
    BadRecords bad;
    try {
      (void)open_documents(source(path), {.text_field = field}, bad);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      return error;
    }
    ADD_FAILURE() << path << " was accepted";
    return {ErrorCode::kData, ""};
  }

  TempFolder folder_;
};

TEST_F(Parquet, ReadsTextOfEveryTypeEncodingAndCodec) {
  for (const char* column : {"string", "large_string", "dictionary", "binary", "required", "delta",
                             "delta_length", "snappy", "gzip", "brotli", "lz4", "zstd"}) {
    const Reading reading = read(data("columns.parquet"), {.text_field = column});
    EXPECT_THAT(reading.texts, ElementsAre("plain", "naïve 日本語 😀", "twice", "twice",
                                           "a longer text with several words in it", "z"))
        << column;
    EXPECT_EQ(reading.bad.summary(), "") << column;
    EXPECT_EQ(reading.bad.good(), 6) << column;
  }
}

TEST_F(Parquet, CountsWhatIsWrongWithARow) {
  const Reading reading = read(data("rows.parquet"));
  EXPECT_THAT(reading.texts, ElementsAre("one", "two", "bad \uFFFD byte", "nul \uFFFD byte",
                                         "three", "four", "five", "six"));
  EXPECT_EQ(reading.bad.good(), 6);
  EXPECT_EQ(reading.bad.skipped_short(), 2);
  EXPECT_THAT(reading.bad.summary(), HasSubstr("4 bad records of 12: invalid UTF-8 1 ("));
  EXPECT_THAT(reading.bad.summary(), HasSubstr("rows.parquet:row 5: byte 5 of the text)"));
  EXPECT_THAT(reading.bad.summary(), HasSubstr("rows.parquet:row 6: byte 5 of the text)"));
  EXPECT_THAT(reading.bad.summary(), HasSubstr("rows.parquet:row 2: the text is null; "));
  EXPECT_THAT(reading.bad.summary(), HasSubstr("rows.parquet:row 11: the text is null)"));
}

TEST_F(Parquet, CutsLongRows) {
  const Reading reading =
      read(data("columns.parquet"), {.text_field = "string", .max_document_bytes = 16});
  EXPECT_THAT(reading.texts, ElementsAre("plain", "naïve 日本語", " 😀", "twice", "twice",
                                         "a longer text ", "with several ", "words in it", "z"));
}

TEST_F(Parquet, ReadsATableWithoutRows) {
  BadRecords bad;
  const auto reader = open_documents(source(data("empty.parquet")), {}, bad);
  EXPECT_FALSE(reader->next());
  EXPECT_FALSE(reader->next());
  EXPECT_EQ(reader->bytes_read(), fs::file_size(data("empty.parquet")));
}

TEST_F(Parquet, TellsHowFarItIs) {
  BadRecords bad;
  const auto reader = open_documents(source(data("pages.parquet")), {}, bad);
  EXPECT_EQ(reader->bytes_read(), 0U);
  std::uint64_t before = 0;
  while (reader->next()) {
    EXPECT_GE(reader->bytes_read(), before);
    before = reader->bytes_read();
  }
  EXPECT_EQ(reader->bytes_read(), fs::file_size(data("pages.parquet")));
}

TEST_F(Parquet, NamesTheColumnsThereAre) {
  const Error error = refused(data("rows.parquet"), "content");
  EXPECT_THAT(error.what(), HasSubstr("rows.parquet has no column \"content\""));
  EXPECT_THAT(error.hint(), HasSubstr("id, text"));
}

TEST_F(Parquet, RefusesColumnsThatHoldNoText) {
  for (const char* column : {"number", "decimal", "list.list.element"}) {
    EXPECT_THAT(refused(data("columns.parquet"), column).what(), HasSubstr("does not hold text"));
  }
  EXPECT_THAT(refused(data("columns.parquet"), "list").what(), HasSubstr("has no column"));
}

TEST_F(Parquet, RefusesWhatIsNoWholeFile) {
  const std::string whole = slurp(data("rows.parquet"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(refused(broken(whole.substr(0, size))).what(), HasSubstr("not a whole Parquet"));
  }
  EXPECT_THAT(refused(broken("plain text\n")).hint(), HasSubstr("again"));
}

TEST_F(Parquet, LosesOnlyTheRowGroupWhosePageIsDamaged) {
  const std::string whole = slurp(data("rows.parquet"));
  std::uint32_t footer = 0;
  std::memcpy(&footer, whole.data() + whole.size() - 8, sizeof footer);
  int lost_groups = 0;
  for (std::size_t at = 4; at < whole.size() - 8 - footer; ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x40);
    const Reading reading = read(broken(flipped));
    if (reading.bad.bad(Kind::kDamagedFile) == 0) {
      ASSERT_EQ(reading.texts.size(), 8U) << at;  // the column of numbers, or unused statistics
      continue;
    }
    ++lost_groups;
    ASSERT_GE(reading.texts.size(), 4U) << at;
    ASSERT_LT(reading.texts.size(), 8U) << at;
    ASSERT_THAT(reading.bad.summary(), HasSubstr("damaged file 1 (")) << at;
    ASSERT_THAT(reading.bad.summary(), HasSubstr("4 rows lost: ")) << at;
  }
  EXPECT_GT(lost_groups, 100);
}

TEST_F(Parquet, SurvivesMutations) {
  std::mt19937 random(17);
  for (const char* name : {"pages.parquet", "rows.parquet", "columns.parquet"}) {
    const std::string whole = slurp(data(name));
    for (int round = 0; round < 500; ++round) {
      std::string content = whole;
      // Half of the changes hit the footer, which says where everything is.
      const std::size_t footer = content.size() - std::min<std::size_t>(content.size(), 1200);
      for (auto edits = 1 + random() % 4; edits > 0; --edits) {
        const std::size_t from = random() % 2 == 0 ? 4 : footer;
        content[from + random() % (content.size() - from)] = static_cast<char>(random());
      }
      try {
        const Reading reading = read(broken(content), {.text_field = "text"});
        for (const std::string& text : reading.texts) ASSERT_TRUE(is_valid_utf8(text));
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), ErrorCode::kData);
      }
    }
  }
}

TEST(WithoutParquet, RefusesParquetFilesWithAHint) {
  if (can_read_parquet()) GTEST_SKIP() << "built with Parquet";
  BadRecords bad;
  try {
    (void)open_documents({"a.parquet", 0}, {}, bad);
    FAIL() << "a Parquet file was accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("built without Parquet"));
    EXPECT_THAT(error.hint(), HasSubstr("CRAM_WITH_PARQUET"));
  }
}

}  // namespace
}  // namespace cram::text
