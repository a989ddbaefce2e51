#include "cram/text/parquet_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/text/document.h"

#include "text/text_files.h"

namespace cram::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ParquetWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_read_parquet()) GTEST_SKIP() << "built without Parquet";
  }
  [[nodiscard]] std::vector<std::string> column(const std::string& name) const {
    const test::Reading reading = test::read(file_, {.text_field = name});
    EXPECT_EQ(reading.bad.summary(), "");
    return reading.texts;
  }

  cram::test::TempFolder folder_;
  std::filesystem::path file_ = folder_ / "a.parquet";
};

TEST_F(ParquetWriterTest, WritesWhatIsReadBack) {
  {
    ParquetWriter writer(file_, {"text", "source"});
    writer.add({"one", "a"});
    writer.add({std::string("two \xC3\xBC\n") + std::string(3, ' ') + "x", "b"});
    EXPECT_EQ(writer.bytes(), 3U + 1 + 11 + 1);
    writer.close();
  }
  EXPECT_THAT(column("text"), ElementsAre("one", "two \xC3\xBC\n   x"));
  EXPECT_THAT(column("source"), ElementsAre("a", "b"));
}

TEST_F(ParquetWriterTest, WritesSeveralRowGroups) {
  const std::string megabyte(1 << 20, 'x');
  {
    ParquetWriter writer(file_, {"text", "number"});
    for (int i = 0; i < 150; ++i) writer.add({megabyte, std::to_string(i)});
    writer.close();
  }
  const std::vector<std::string> numbers = column("number");
  ASSERT_EQ(numbers.size(), 150U);
  for (int i = 0; i < 150; ++i) EXPECT_EQ(numbers[static_cast<std::size_t>(i)], std::to_string(i));
  EXPECT_EQ(column("text").back(), megabyte);
}

TEST_F(ParquetWriterTest, WritesAFileWithoutRows) {
  ParquetWriter(file_, {"text"}).close();
  EXPECT_THAT(column("text"), ElementsAre());
}

TEST_F(ParquetWriterTest, HoldsNoRowsWhenItIsNotClosed) {
  { ParquetWriter(file_, {"text"}).add({"one"}); }
  BadRecords bad;
  const auto all = [&] {
    const auto reader = open_documents(test::source(file_), {}, bad);
    return reader->next();
  };
  EXPECT_FALSE(all());
}

TEST_F(ParquetWriterTest, SaysWhereItCannotWrite) {
  try {
    const ParquetWriter writer(folder_ / "missing" / "a.parquet", {"text"});
    FAIL() << "wrote into a folder that is not there";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStorage);
    EXPECT_THAT(error.what(), HasSubstr("missing/a.parquet: cannot write: No such file"));
  }
  EXPECT_THROW(ParquetWriter("/dev/full", {"text"}), Error);
}

}  // namespace
}  // namespace cram::text
