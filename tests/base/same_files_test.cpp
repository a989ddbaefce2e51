#include "cram/base/same_files.h"

#include <gtest/gtest.h>

#include "cram/base/file.h"

#include "support/temp_folder.h"

namespace cram {
namespace {

namespace fs = std::filesystem;

TEST(SameFiles, AreOfTheSameNamesAndBytes) {
  const test::TempFolder folder;
  const fs::path one = folder / "one", other = folder / "other";
  make_folders(one / "deep");
  write_file_atomic(one / "deep/a", "a");
  write_file_atomic(one / "empty", "");
  fs::copy(one, other, fs::copy_options::recursive);
  EXPECT_TRUE(same_files(one, other));
  write_file_atomic(other / "deep/a", "b");
  EXPECT_FALSE(same_files(one, other));
  write_file_atomic(other / "deep/a", "aa");
  EXPECT_FALSE(same_files(one, other));
  write_file_atomic(other / "deep/a", "a");
  write_file_atomic(other / "more", "");
  EXPECT_FALSE(same_files(one, other));
  EXPECT_FALSE(same_files(other, one));
  fs::remove(other / "more");
  fs::create_symlink("deep/a", one / "link");
  fs::create_symlink("deep/a", other / "link");
  EXPECT_FALSE(same_files(one, other)) << "what a link leads to may change";
}

}  // namespace
}  // namespace cram
