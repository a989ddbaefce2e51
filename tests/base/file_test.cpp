#include "cram/base/file.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cram/base/error.h"
#include "cram/base/host.h"

#include "support/temp_folder.h"
#include "support/unprivileged.h"

namespace cram {
namespace {

using test::TempFolder;
using testing::HasSubstr;

// Runs `action` in a child process that can write no file larger than `bytes`, and returns its exit
// code: 0 when the action succeeded, an Error's exit code otherwise.
template <class Action>
int run_with_file_size_limit(rlim_t bytes, Action action) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, bytes};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      action();
      _exit(0);
    } catch (const Error& error) {
      _exit(error.exit_code());
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename());
  }
  return names;
}

TEST(ReadFile, GivesBackWhatWasWrittenAtomically) {
  const TempFolder folder;
  const std::string content("a\0b\n", 4);
  write_file_atomic(folder / "file", content);
  EXPECT_EQ(read_file(folder / "file"), content);
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("file"));
}

TEST(ReadFile, RefusesMissingFilesFoldersAndPipes) {
  const TempFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const auto& path : {folder / "missing", folder.path(), folder / "pipe"}) {
    try {
      (void)read_file(path);
      FAIL() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      EXPECT_THAT(error.what(), HasSubstr(path.string()));
    }
  }
}

TEST(ReadFile, RefusesFilesAboveTheLimit) {
  const TempFolder folder;
  write_file_atomic(folder / "file", "12345");
  EXPECT_EQ(read_file(folder / "file", 5), "12345");
  EXPECT_THROW((void)read_file(folder / "file", 4), Error);
}

TEST(WriteFileAtomic, KeepsTheOldContentWhenTheDiskIsFull) {
  const TempFolder folder;
  write_file_atomic(folder / "file", "old");
  const std::string large(3 << 20, 'x');
  const int code =
      run_with_file_size_limit(1 << 20, [&] { write_file_atomic(folder / "file", large); });
  EXPECT_EQ(code, static_cast<int>(ErrorCode::kStorage));
  EXPECT_EQ(read_file(folder / "file"), "old");
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("file"));
}

TEST(FileWriter, KeepsOrderOverSmallAndLargeWritesAndPatches) {
  const TempFolder folder;
  const std::string large(3 << 20, 'y');
  FileWriter writer(folder / "file");
  writer.write("head");
  writer.write(large);
  writer.write("tail");
  EXPECT_EQ(writer.bytes_written(), large.size() + 8);
  writer.write_at(0, "HEAD", 4);
  writer.close();
  EXPECT_EQ(read_file(folder / "file"), "HEAD" + large + "tail");
}

TEST(ReplaceFolderAtomic, ReplacesTheWholeFolder) {
  const TempFolder folder;
  const auto fill_with = [](const std::string& name) {
    return [name](const std::filesystem::path& fresh) { write_file_atomic(fresh / name, name); };
  };
  replace_folder_atomic(folder / "made", fill_with("first"));
  replace_folder_atomic(folder / "made", fill_with("second"));
  EXPECT_THAT(names_in(folder / "made"), testing::ElementsAre("second"));
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("made"));
}

TEST(ReplaceFolderAtomic, LeavesTheOldFolderWhenFillingFails) {
  const TempFolder folder;
  replace_folder_atomic(folder / "made",
                        [](const auto& fresh) { write_file_atomic(fresh / "good", "good"); });
  EXPECT_THROW(replace_folder_atomic(folder / "made",
                                     [](const auto& fresh) {
                                       write_file_atomic(fresh / "half", "half");
                                       throw Error(ErrorCode::kStorage, "full");
                                     }),
               Error);
  EXPECT_THAT(names_in(folder / "made"), testing::ElementsAre("good"));
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("made"));
}

[[noreturn]] void replace_what_may_not_be_emptied(const std::filesystem::path& made) {
  if (!test::give_up_root()) std::exit(1);
  make_folders(made);
  write_file_atomic(made / "old", "old");
  std::filesystem::permissions(made, std::filesystem::perms{0555});
  replace_folder_atomic(made, [](const auto& fresh) { write_file_atomic(fresh / "new", "new"); });
  std::exit(0);
}

TEST(ReplaceFolderAtomic, SaysWhereTheOldFolderIsWhenItCannotBeRemoved) {
  const TempFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  EXPECT_EXIT(replace_what_may_not_be_emptied(folder / "made"), testing::ExitedWithCode(0),
              "made: the old one is now .*made.partial-.* and cannot be removed");
  EXPECT_THAT(names_in(folder / "made"), testing::ElementsAre("new"));
  for (const std::string& name : names_in(folder.path())) {
    std::filesystem::permissions(folder / name, std::filesystem::perms::owner_all);
  }
}

TEST(MappedFile, ShowsTheBytesAndAcceptsAnEmptyFile) {
  const TempFolder folder;
  write_file_atomic(folder / "file", "bytes");
  write_file_atomic(folder / "empty", "");
  MappedFile map(folder / "file");
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(map.bytes().data()), map.bytes().size()),
            "bytes");
  map = MappedFile(folder / "empty");
  EXPECT_TRUE(map.bytes().empty());
}

TEST(FileLock, IsHeldByOneProcessAndNamesIt) {
  const TempFolder folder;
  std::optional<FileLock> lock(std::in_place, folder / "lock");
  try {
    const FileLock second(folder / "lock");
    FAIL() << "locked twice";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStorage);
    EXPECT_THAT(error.what(), HasSubstr(std::to_string(getpid()) + " on " + host_name()));
  }
  lock.reset();
  EXPECT_NO_THROW(FileLock(folder / "lock"));
}

TEST(FreeDiskBytes, AnswersForFoldersThatDoNotExistYet) {
  const TempFolder folder;
  EXPECT_GT(free_disk_bytes(folder / "not/yet/made"), 0U);
}

}  // namespace
}  // namespace cram
