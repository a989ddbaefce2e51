#include "cram/base/scratch_memory.h"

#include <algorithm>
#include <filesystem>
#include <span>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"

#include "support/temp_folder.h"

namespace cram {
namespace {

TEST(ScratchMemory, IsOfZerosAndKeepsWhatIsWritten) {
  const test::TempFolder folder;
  for (const std::uint64_t size : {ScratchMemory::kFewBytes - 1, 3 * ScratchMemory::kFewBytes}) {
    ScratchMemory memory(size, folder.path());
    ASSERT_EQ(memory.bytes().size(), size);
    EXPECT_TRUE(std::all_of(memory.bytes().begin(), memory.bytes().end(),
                            [](std::byte byte) { return byte == std::byte{0}; }));
    memory.bytes().back() = std::byte{7};
    memory.write(size - 3, std::as_bytes(std::span("ab", 2)));
    const ScratchMemory moved = std::move(memory);
    EXPECT_EQ(moved.bytes().back(), std::byte{7});
    EXPECT_EQ(moved.bytes()[size - 2], std::byte{'b'});
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));  // it has no name
  }
}

TEST(ScratchMemory, MayBeOfNoBytes) {
  const test::TempFolder folder;
  EXPECT_TRUE(ScratchMemory(0, folder.path()).bytes().empty());
}

TEST(ScratchMemory, SaysWhereTheRoomIsMissing) {
  const test::TempFolder folder;
  for (const auto& [bytes, place] : {std::pair(std::uint64_t{1} << 60, folder.path()),
                                     {ScratchMemory::kFewBytes, folder / "missing"}}) {
    try {
      const ScratchMemory memory(bytes, place);
      FAIL() << "of a folder without room";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kStorage);
      EXPECT_THAT(error.what(), testing::HasSubstr(place.string()));
    }
  }
}

}  // namespace
}  // namespace cram
