#include "cram/text/sources.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cram/base/error.h"

#include "support/temp_folder.h"
#include "text/text_files.h"

namespace cram::text {
namespace {

namespace fs = std::filesystem;
using cram::test::TempFolder;
using test::write;
using testing::ElementsAre;
using testing::HasSubstr;

class Sources : public testing::Test {
 protected:
  Sources() {
    for (const char* folder : {"a/deep/er", "b", ".hidden", "empty"}) {
      fs::create_directories(root() / folder);
    }
    for (const char* file : {"z.txt", "a/1.jsonl", "a/2.jsonl.zst", "a/10.jsonl", "a/deep/x.TXT.GZ",
                             "a/deep/er/y.txt", "b/t.parquet", "b/readme.md", "b/c4.json.gz",
                             ".hidden/no.txt", "a/.no.txt", "b/LICENSE"}) {
      write(root() / file, "text");
    }
  }

  [[nodiscard]] const fs::path& root() const { return folder_.path(); }

  // The files found, relative to the root, which stands before each of `sources`.
  [[nodiscard]] std::vector<std::string> find(const std::vector<std::string>& sources) const {
    std::vector<std::string> full;
    for (const std::string& source : sources) full.push_back((root() / source).string());
    std::vector<std::string> found;
    for (const SourceFile& file : find_sources(full)) {
      found.push_back(file.path.lexically_relative(root()).string());
    }
    return found;
  }

  [[nodiscard]] Error refused(const std::string& source) const {
    try {
      (void)find({source});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      return error;
    }
    ADD_FAILURE() << source << " was accepted";
    return {ErrorCode::kData, ""};
  }

 private:
  TempFolder folder_;
};

TEST_F(Sources, SearchFoldersForKnownFormatsAndSkipHiddenFiles) {
  EXPECT_THAT(find({""}), ElementsAre("a/1.jsonl", "a/10.jsonl", "a/2.jsonl.zst", "a/deep/er/y.txt",
                                      "a/deep/x.TXT.GZ", "b/c4.json.gz", "b/t.parquet", "z.txt"));
  EXPECT_THAT(find({"b/"}), ElementsAre("b/c4.json.gz", "b/t.parquet"));
}

TEST_F(Sources, KeepTheOrderOfSourcesAndTakeEachFileOnce) {
  EXPECT_THAT(find({"z.txt", "a/*.jsonl", "a/deep", "a", "z.txt"}),
              ElementsAre("z.txt", "a/1.jsonl", "a/10.jsonl", "a/deep/er/y.txt", "a/deep/x.TXT.GZ",
                          "a/2.jsonl.zst"));
}

TEST_F(Sources, TellTheSizeOnDisk) {
  write(root() / "z.txt", "12345");
  EXPECT_EQ(find_sources({(root() / "z.txt").string()}).at(0).bytes, 5U);
}

TEST_F(Sources, TellWhichOneNamedAFile) {
  const auto files = find_sources({(root() / "z.txt").string(), (root() / "b").string()});
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].source, 0U);
  EXPECT_EQ(files[2].source, 1U);
}

TEST_F(Sources, ExpandGlobs) {
  EXPECT_THAT(find({"a/?.jsonl"}), ElementsAre("a/1.jsonl"));
  EXPECT_THAT(find({"a/[!2].jsonl*"}), ElementsAre("a/1.jsonl"));
  EXPECT_THAT(find({"a/[0-9]*"}), ElementsAre("a/1.jsonl", "a/10.jsonl", "a/2.jsonl.zst"));
  EXPECT_THAT(find({"*/*.parquet"}), ElementsAre("b/t.parquet"));
  EXPECT_THAT(find({"**/*.txt"}), ElementsAre("a/deep/er/y.txt", "z.txt"));
  EXPECT_THAT(find({"a/**/y.txt"}), ElementsAre("a/deep/er/y.txt"));
  EXPECT_THAT(find({"a/**/**/er/**/y.txt"}), ElementsAre("a/deep/er/y.txt"));
  EXPECT_THAT(find({"a/**"}), ElementsAre("a/1.jsonl", "a/10.jsonl", "a/2.jsonl.zst",
                                          "a/deep/er/y.txt", "a/deep/x.TXT.GZ"));
  EXPECT_THAT(find({"a/d*"}), ElementsAre("a/deep/er/y.txt", "a/deep/x.TXT.GZ"));
}

TEST_F(Sources, TakeHiddenFilesOnlyByName) {
  EXPECT_THAT(find({"a/.no.txt"}), ElementsAre("a/.no.txt"));
  EXPECT_THAT(find({".hidden"}), ElementsAre(".hidden/no.txt"));
  EXPECT_THAT(find({"a/.*.txt"}), ElementsAre("a/.no.txt"));
}

TEST_F(Sources, PreferTheFileThatIsCalledLikeAGlob) {
  write(root() / "a[1].txt", "x");
  EXPECT_THAT(find({"a[1].txt"}), ElementsAre("a[1].txt"));
}

TEST_F(Sources, SearchBelowTheCurrentFolder) {
  const fs::path before = fs::current_path();
  fs::current_path(root());
  const auto plain = find_sources({"a/*.jsonl"});
  const auto deep = find_sources({"**/y.txt"});
  const auto here = find_sources({"."});
  fs::current_path(before);
  EXPECT_EQ(plain.at(0).path, "a/1.jsonl");
  EXPECT_EQ(deep.at(0).path, "a/deep/er/y.txt");
  EXPECT_EQ(here.size(), 8U);
}

TEST_F(Sources, FollowLinksButNeverInCircles) {
  fs::create_directory_symlink(root(), root() / "a/deep/loop");
  fs::create_directory_symlink(root() / "b", root() / "empty/b");
  EXPECT_EQ(find({""}).size(), 8U);
  EXPECT_THAT(find({"empty"}), ElementsAre("empty/b/c4.json.gz", "empty/b/t.parquet"));
  EXPECT_THAT(find({"**/y.txt"}), ElementsAre("a/deep/er/y.txt"));
}

TEST_F(Sources, CountALinkedFileOnce) {
  fs::create_symlink(root() / "z.txt", root() / "b/link.txt");
  EXPECT_THAT(find({"b/link.txt", "z.txt"}), ElementsAre("b/link.txt"));
}

TEST_F(Sources, SayWhatWasFoundInstead) {
  fs::remove_all(root() / "a");
  fs::remove(root() / "z.txt");
  fs::remove(root() / "b/c4.json.gz");
  fs::remove(root() / "b/t.parquet");
  write(root() / "b/two.MD", "x");
  const Error error = refused("");
  EXPECT_THAT(error.what(), HasSubstr("no text file; found 1 without an ending, 2 .md"));
  for (const char* ending : {".txt", ".jsonl", ".json", ".parquet", ".gz", ".bz2", ".xz", ".zst"}) {
    EXPECT_THAT(error.hint(), HasSubstr(ending));
  }
  EXPECT_THAT(refused("empty").what(), HasSubstr("found nothing"));
  EXPECT_THAT(refused("b/readme.md").what(), HasSubstr("b/readme.md: no text file; found 1 .md"));
  EXPECT_THAT(refused("b/*").what(),
              HasSubstr("b/*: matches no text file; found 1 without an ending, 2 .md"));
}

TEST_F(Sources, RefuseWhatDoesNotExist) {
  EXPECT_THAT(refused("none.txt").what(), HasSubstr("none.txt: no such file or folder"));
  EXPECT_THAT(refused("none.txt").hint(), HasSubstr(fs::current_path().string()));
  EXPECT_THAT(refused("none/*.txt").what(), HasSubstr("matches no text file; found nothing"));
  EXPECT_THROW((void)find_sources({""}), Error);
}

TEST_F(Sources, RefuseBrokenLinksAndPipes) {
  fs::create_symlink(root() / "gone", root() / "b/gone.txt");
  EXPECT_THAT(refused("b").what(), HasSubstr("gone.txt is a broken link"));
  ASSERT_EQ(mkfifo((root() / "empty/pipe.txt").c_str(), 0600), 0);
  EXPECT_THAT(refused("empty").what(), HasSubstr("pipe.txt is a pipe or device"));
}

TEST_F(Sources, RefuseAFolderThatCannotBeSearched) {
  if (geteuid() == 0) GTEST_SKIP() << "root may search every folder";
  fs::permissions(root() / "a/deep", fs::perms::none);
  const Error error = refused("a");
  fs::permissions(root() / "a/deep", fs::perms::owner_all);
  EXPECT_THAT(error.what(), HasSubstr("cannot search"));
}

TEST(PackedName, LosesTheEndingOfItsCompression) {
  EXPECT_EQ(packed_name("folder/Train.TSV.GZ").name, "Train.TSV");
  EXPECT_EQ(packed_name("folder/Train.TSV.GZ").compression, Compression::kGzip);
  EXPECT_EQ(packed_name("a.zst").compression, Compression::kZstd);
  EXPECT_EQ(packed_name("a.csv").name, "a.csv");
  EXPECT_EQ(packed_name("a.csv").compression, Compression::kNone);
}

TEST(FileFormat, IsKnownByTheEndOfTheName) {
  const auto format = [](const char* name) { return format_of(name).value(); };
  EXPECT_EQ(format("a.txt").kind, FileKind::kTxt);
  EXPECT_EQ(format("a.b.JSONL").kind, FileKind::kJsonl);
  EXPECT_EQ(format("a.json.bz2").kind, FileKind::kJsonl);
  EXPECT_EQ(format("a.json.bz2").compression, Compression::kBzip2);
  EXPECT_EQ(format("a.txt.xz").compression, Compression::kXz);
  EXPECT_EQ(format("a.parquet").kind, FileKind::kParquet);
  for (const char* name : {"a", "a.gz", "a.parquet.gz", "a.txt.zip", "txt", "a.txt~", "a.tar.gz"}) {
    EXPECT_FALSE(format_of(name)) << name;
  }
}

}  // namespace
}  // namespace cram::text
