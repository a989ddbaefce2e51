#include "cram/text/byte_source.h"

#include <algorithm>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "cram/base/error.h"

#include "support/temp_folder.h"
#include "text/text_files.h"

namespace cram::text {
namespace {

using cram::test::TempFolder;
using test::packed;
using test::Packing;
using test::write;
using testing::HasSubstr;

struct Bytes {
  std::string content;
  std::string damage;
  std::uint64_t bytes_read = 0;
};

Bytes drain(ByteSource& source, std::size_t size = 1000) {
  Bytes bytes;
  std::string piece(size, '\0');
  while (const std::size_t got = source.read(piece.data(), piece.size())) {
    bytes.content.append(piece, 0, got);
  }
  EXPECT_EQ(source.read(piece.data(), piece.size()), 0U);
  bytes.damage = source.damage();
  bytes.bytes_read = source.bytes_read();
  return bytes;
}

// Words without much repetition, the same for every run.
std::string words(std::size_t size) {
  std::mt19937 random(11);
  std::string text;
  while (text.size() < size) text += std::to_string(random()) + " ";
  return text;
}

class EachFormat : public testing::TestWithParam<Packing> {
 protected:
  [[nodiscard]] std::filesystem::path file(std::string_view content) const {
    return write(folder_ / "bytes", content);
  }
  [[nodiscard]] Bytes read(std::string_view content, std::size_t size = 1000) const {
    return drain(*open_bytes(file(content), GetParam().compression), size);
  }

  TempFolder folder_;
};

class EachCompression : public EachFormat {};

std::string name_of(const testing::TestParamInfo<Packing>& test) {
  const std::string ending = test.param.ending;
  return ending.empty() ? "Plain" : ending.substr(1);
}

INSTANTIATE_TEST_SUITE_P(ByteSource, EachFormat, testing::ValuesIn(test::packings()), name_of);
INSTANTIATE_TEST_SUITE_P(ByteSource, EachCompression,
                         testing::ValuesIn(test::packings().begin() + 1, test::packings().end()),
                         name_of);

TEST_P(EachFormat, GivesBackWhatWasPacked) {
  for (const std::size_t size : {1U, 2U, 1000U, 65'536U, 600'000U}) {
    const std::string content = words(size).substr(0, size);
    const std::string file = packed(content, GetParam().compression);
    const Bytes bytes = read(file, size < 10 ? 1 : 70'000);
    EXPECT_TRUE(bytes.content == content) << size;
    EXPECT_EQ(bytes.damage, "");
    EXPECT_EQ(bytes.bytes_read, file.size());
  }
}

TEST_P(EachFormat, ReadsAPackedNothing) {
  const Bytes bytes = read(packed("", GetParam().compression));
  EXPECT_EQ(bytes.content, "");
  EXPECT_EQ(bytes.damage, "");
}

TEST_P(EachFormat, ReadsConcatenatedStreamsAsOne) {
  const std::string content = words(100'000);
  const Bytes bytes =
      read(packed(content, GetParam().compression) + packed("", GetParam().compression) +
           packed("second", GetParam().compression) + packed(content, GetParam().compression));
  EXPECT_TRUE(bytes.content == content + "second" + content);
  EXPECT_EQ(bytes.damage, "");
}

TEST_P(EachFormat, UnpacksOnceOnly) {
  for (const Packing& inner : test::packings()) {
    const std::string content = packed("inner text", inner.compression);
    EXPECT_EQ(read(packed(content, GetParam().compression)).content, content) << inner.ending;
  }
}

TEST_P(EachCompression, TellsOfTruncation) {
  const std::string content = words(1000);
  const std::string whole = packed(content, GetParam().compression);
  for (std::size_t size = whole.size() / 4; size + 8 < whole.size(); ++size) {
    const Bytes bytes = read(whole.substr(0, size));
    ASSERT_NE(bytes.damage, "") << size << " of " << whole.size();
    ASSERT_TRUE(content.starts_with(bytes.content)) << size;
  }
}

TEST_P(EachCompression, KeepsWhatCameLongBeforeTheDamage) {
  const std::string content = words(2'000'000);
  const std::string whole = packed(content, GetParam().compression);
  const Bytes bytes = read(whole.substr(0, whole.size() * 3 / 4));
  EXPECT_NE(bytes.damage, "");
  EXPECT_TRUE(content.starts_with(bytes.content));
  EXPECT_GT(bytes.content.size(), content.size() / 4);
}

TEST_P(EachCompression, TellsOfGarbageBehindTheStream) {
  const Bytes bytes = read(packed("some text", GetParam().compression) + "garbage, and more of it");
  EXPECT_NE(bytes.damage, "");
}

TEST_P(EachCompression, RefusesOtherData) {
  for (const std::string content : {"", "x", "plain text, not packed", "PK\x03\x04 zip"}) {
    EXPECT_THROW((void)open_bytes(file(content), GetParam().compression), Error) << content;
  }
  for (const Packing& other : test::packings()) {
    if (other.compression == GetParam().compression) continue;
    EXPECT_THROW((void)open_bytes(file(packed("x", other.compression)), GetParam().compression),
                 Error);
  }
}

TEST_P(EachFormat, RefusesWhatIsNoRegularFile) {
  const auto refused = [](const std::filesystem::path& path) -> std::string {
    try {
      (void)open_bytes(path, GetParam().compression);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      return error.what();
    }
    return "accepted";
  };
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(refused(folder_ / "pipe"), HasSubstr("is a pipe, not a regular file"));
  EXPECT_THAT(refused(folder_.path()), HasSubstr("is a folder, not a regular file"));
  EXPECT_THAT(refused("/dev/zero"), HasSubstr("is a device, not a regular file"));
  EXPECT_THAT(refused(folder_ / "none"), HasSubstr("cannot open"));
}

TEST_P(EachCompression, TellsOfEveryFlippedByte) {
  if (GetParam().compression != Compression::kXz) GTEST_SKIP() << "only xz is checked throughout";
  const std::string content = words(700);
  const std::string whole = packed(content, GetParam().compression);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ (1 << (at % 8)));
    try {
      const Bytes bytes = read(broken);
      ASSERT_TRUE(bytes.content == content || !bytes.damage.empty()) << at;
    } catch (const Error& error) {
      ASSERT_LT(at, 8U) << error.what();
    }
  }
}

TEST(ByteSource, ReadsTheFramesOfParallelZstd) {
  const TempFolder folder;
  const std::string skippable("\x50\x2A\x4D\x18\x04\0\0\0abcd", 12);
  const auto path = write(folder / "a", skippable + packed("text", Compression::kZstd));
  EXPECT_EQ(drain(*open_bytes(path, Compression::kZstd)).content, "text");
}

}  // namespace
}  // namespace cram::text
