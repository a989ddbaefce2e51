#include "../../src/corpus/checked_file.h"

#include <gtest/gtest.h>

#include "cram/base/error.h"

#include "support/temp_folder.h"

namespace cram::corpus {
namespace {

class CheckedFile : public testing::Test {
 protected:
  void write(std::initializer_list<std::string_view> items) {
    CheckedWriter writer(file_);
    for (const std::string_view item : items) writer.add(item);
    writer.close();
  }

  test::TempFolder folder_;
  std::filesystem::path file_ = folder_ / "items";
};

TEST_F(CheckedFile, IsTheSameWrittenAtOnceOrItemByItem) {
  write({"ab", "", "cde"});
  const std::string one_by_one = read_file(file_);
  write_checked(file_, 3, "abcde");
  EXPECT_EQ(read_file(file_), one_by_one);
  EXPECT_EQ(count_checked(file_), 3);
  EXPECT_EQ(read_checked(file_).count, 3);
  EXPECT_EQ(read_checked(file_).bytes, "abcde");
  EXPECT_EQ(CheckedMap(file_).bytes(), "abcde");
}

TEST_F(CheckedFile, MayHoldNothing) {
  write({});
  EXPECT_EQ(read_checked(file_).count, 0);
  EXPECT_EQ(CheckedMap(file_).bytes(), "");
}

TEST_F(CheckedFile, IsRefusedWhenAnyByteIsAnother) {
  write({"ab", "cde"});
  const std::string good = read_file(file_);
  const auto expect_refused = [&](const std::string& content) {
    write_file_atomic(file_, content);
    EXPECT_THROW((void)read_checked(file_), Error);
    EXPECT_THROW(CheckedMap{file_}, Error);
  };
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    expect_refused(bad);
    expect_refused(good.substr(0, at));
  }
  expect_refused(good + "x");
}

TEST_F(CheckedFile, IsDamagedUntilItIsClosed) {
  {
    CheckedWriter writer(file_);
    writer.add("ab");
  }
  EXPECT_THROW((void)read_checked(file_), Error);
}

}  // namespace
}  // namespace cram::corpus
