// The files in data/ were written by an independent writer: see data/make_parquet.py.
#include "cram/text/parquet_table.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/text/document.h"
#include "cram/text/utf8.h"

#include "text/text_files.h"

namespace cram::text {
namespace {

namespace fs = std::filesystem;
using test::slurp;
using test::write;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsNan;

fs::path data(const std::string& name) {
  return fs::path(CRAM_SOURCE_DIR) / "tests/text/data" / name;
}

template <typename Read>
Error refused(const Read& read, const ParquetParts& table, const std::string& column) {
  try {
    (void)read(table, column);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    return error;
  }
  ADD_FAILURE() << column << " was accepted";
  return {ErrorCode::kData, ""};
}

class ParquetTable : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_read_parquet()) GTEST_SKIP() << "built without Parquet";
  }
};

TEST_F(ParquetTable, ReadsTextOfEveryTypeEncodingAndCodec) {
  for (const char* column : {"string", "large_string", "dictionary", "binary", "required", "delta",
                             "delta_length", "snappy", "gzip", "brotli", "lz4", "zstd"}) {
    EXPECT_THAT(read_parquet_texts({data("columns.parquet")}, column),
                ElementsAre("plain", "naïve 日本語 😀", "twice", "twice",
                            "a longer text with several words in it", "z"))
        << column;
  }
}

TEST_F(ParquetTable, ReadsNumbersOfEveryTypeAndNullsAsNan) {
  for (const char* column : {"int32", "int64", "float", "double"}) {
    EXPECT_THAT(read_parquet_numbers({data("numbers.parquet")}, column),
                ElementsAre(0, 1, -3, IsNan(), 5))
        << column;
  }
  EXPECT_THAT(read_parquet_numbers({data("numbers.parquet")}, "uint8"),
              ElementsAre(0, 1, 253, IsNan(), 5));
  EXPECT_THAT(read_parquet_numbers({data("numbers.parquet")}, "bool"),
              ElementsAre(0, 1, 1, IsNan(), 0));
}

TEST_F(ParquetTable, JoinsItsParts) {
  const ParquetParts twice = {data("numbers.parquet"), data("numbers.parquet")};
  EXPECT_EQ(read_parquet_numbers(twice, "int32").size(), 10U);
  EXPECT_EQ(read_parquet_texts(twice, "text")[5], "zero");
  EXPECT_TRUE(read_parquet_texts({data("empty.parquet")}, "text").empty());
}

TEST_F(ParquetTable, KnowsItsColumns) {
  EXPECT_TRUE(has_parquet_column({data("numbers.parquet")}, "int32"));
  EXPECT_FALSE(has_parquet_column({data("numbers.parquet")}, "int"));
  const Error error = refused(read_parquet_texts, {data("rows.parquet")}, "content");
  EXPECT_THAT(error.what(), HasSubstr("rows.parquet: no column \"content\""));
  EXPECT_THAT(error.hint(), HasSubstr("id, text"));
}

TEST_F(ParquetTable, RefusesColumnsOfOtherTypes) {
  for (const char* column : {"text", "date", "list.list.element"}) {
    EXPECT_THAT(refused(read_parquet_numbers, {data("numbers.parquet")}, column).what(),
                HasSubstr("does not hold numbers"));
  }
  EXPECT_THAT(refused(read_parquet_texts, {data("numbers.parquet")}, "int32").what(),
              HasSubstr("does not hold text"));
}

TEST_F(ParquetTable, RefusesNullsAndMalformedText) {
  EXPECT_THAT(refused(read_parquet_texts, {data("rows.parquet")}, "text").what(),
              HasSubstr("rows.parquet: row 2: text is null"));
  EXPECT_THAT(refused(read_parquet_texts, {data("numbers.parquet")}, "bytes").what(),
              HasSubstr("numbers.parquet: row 3: bytes is not valid UTF-8"));
}

TEST_F(ParquetTable, RefusesDamagedPagesAndSurvivesMutations) {
  const cram::test::TempFolder folder;
  const std::string whole = slurp(data("numbers.parquet"));
  std::mt19937 random(5);
  int refusals = 0;
  for (int round = 0; round < 400; ++round) {
    std::string content = whole;
    for (auto edits = 1 + random() % 4; edits > 0; --edits) {
      content[4 + random() % (content.size() - 4)] = static_cast<char>(random());
    }
    const fs::path path = write(folder / "broken.parquet", content);
    try {
      for (const std::string& text : read_parquet_texts({path}, "text")) {
        ASSERT_TRUE(is_valid_utf8(text));
      }
      (void)read_parquet_numbers({path}, "double");
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::kData);
      ++refusals;
    }
  }
  EXPECT_GT(refusals, 40);
}

TEST(WithoutParquet, RefusesParquetTables) {
  if (can_read_parquet()) GTEST_SKIP() << "built with Parquet";
  EXPECT_THAT(refused(read_parquet_texts, {"a.parquet"}, "text").what(),
              HasSubstr("built without Parquet"));
}

}  // namespace
}  // namespace cram::text
