#include "cram/checkpoint/companions.h"

#include <cstdio>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/base/file.h"

#include "support/temp_folder.h"
#include "support/unprivileged.h"

namespace cram::checkpoint {
namespace {

namespace fs = std::filesystem;

// The exit code that the program would have, for whom permissions bind.
[[noreturn]] void collect_as_nobody(const fs::path& folder) {
  if (!test::give_up_root()) std::exit(1);
  try {
    const Companions companions(folder);
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::exit(error.exit_code());
  }
  std::exit(0);
}

TEST(Companions, AreReadBeforeAnythingIsWritten) {
  const test::TempFolder folder;
  fs::permissions(folder.path(), fs::perms::all);
  write_file_atomic(folder / "README.md", "mine");
  fs::permissions(folder / "README.md", fs::perms::none);
  EXPECT_EXIT(collect_as_nobody(folder.path()), testing::ExitedWithCode(3),
              "README.md: cannot open: Permission denied");
}

TEST(Companions, AreWrittenAsOtherFilesAre) {
  const test::TempFolder folder;
  write_file_atomic(folder / "README.md", "mine");
  fs::permissions(folder / "README.md", fs::perms::owner_read);
  make_folders(folder / "other");
  Companions(folder.path()).write(folder / "other");
  EXPECT_EQ(read_file(folder / "other/README.md"), "mine");
  write_file_atomic(folder / "usual", "");
  EXPECT_EQ(fs::status(folder / "other/README.md").permissions(),
            fs::status(folder / "usual").permissions());
}

TEST(Companions, AreNoFilesOfTheModel) {
  const test::TempFolder folder;
  for (const char* name : {"task.json", "tokenizer.model", "config.json", "modules.json"}) {
    write_file_atomic(folder / "modules.json",
                      "[{\"path\": \"\"}, {\"path\": \"" + std::string(name) + "\"}]");
    try {
      const Companions companions(folder.path());
      ADD_FAILURE() << "took a module named " << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      EXPECT_THAT(error.what(), testing::HasSubstr("which is no name of a folder"));
    }
  }
}

}  // namespace
}  // namespace cram::checkpoint
