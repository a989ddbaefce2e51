#include "cram/base/set_aside.h"

#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/base/file.h"

#include "support/temp_folder.h"

namespace cram {
namespace {

TEST(SetAside, GivesEachTheNextFreeNumber) {
  const test::TempFolder folder;
  for (const char* number : {"1", "2", "3"}) {
    make_folders(folder / "run");
    write_file_atomic(folder / "run/content", number);
    const std::filesystem::path aside = set_aside(folder / "run");
    EXPECT_EQ(aside, folder / ("run." + std::string(number)));
    EXPECT_EQ(read_file(aside / "content"), number);
    EXPECT_FALSE(std::filesystem::exists(folder / "run"));
  }
}

TEST(SetAside, SaysWhatCannotBeRenamed) {
  const test::TempFolder folder;
  try {
    (void)set_aside(folder / "nothing");
    ADD_FAILURE() << "renamed what is not there";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStorage);
  }
}

}  // namespace
}  // namespace cram
