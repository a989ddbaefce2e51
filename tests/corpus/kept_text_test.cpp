#include "../../src/corpus/kept_text.h"

#include <fstream>

#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/text/sources.h"

#include "support/temp_folder.h"

namespace cram::corpus {
namespace {

class KeptTextTest : public testing::Test {
 protected:
  // Three files of two documents each, the second of them without one that stays.
  void SetUp() override {
    for (const char* name : {"a.txt", "b.txt", "c.txt"}) {
      std::ofstream(folder_ / name) << "one of " << name << "\n\ntwo of " << name << "\n";
    }
    files_ = text::find_sources({folder_.path().string()});
    for (std::size_t file = 0; file < files_.size(); ++file) {
      writer_.add(file, file != 1);
      writer_.add(file, file == 0);
    }
  }

  std::string collect(const std::vector<std::uint64_t>& bytes_of_file, int threads) {
    const KeptDocuments kept = writer_.documents(files_.size());
    const text::ReadOptions read;
    const KeptText text({.files = files_,
                         .read = read,
                         .kept = kept,
                         .bytes_of_file = bytes_of_file,
                         .threads = threads,
                         .folder = folder_.path()});
    return std::string(text.text());
  }

  test::TempFolder folder_;
  std::vector<text::SourceFile> files_;
  KeptDocumentsWriter writer_;
};

TEST_F(KeptTextTest, IsOfTheDocumentsThatStayInTheirOrder) {
  for (const int threads : {1, 4}) {
    EXPECT_EQ(collect({26, 0, 13}, threads), "one of a.txt\xFFtwo of a.txt\xFFone of c.txt\xFF");
  }
}

TEST_F(KeptTextTest, SaysWhenTheTextIsNoLongerOfThatSize) {
  for (const std::vector<std::uint64_t>& bytes :
       {std::vector<std::uint64_t>{26, 1, 13}, {25, 0, 13}, {27, 0, 13}, {26, 0, 2'000'000}}) {
    EXPECT_THROW((void)collect(bytes, 2), Error);
  }
  std::ofstream(folder_ / "c.txt") << "one of c.txt\n\ntwo of c.txt\n\nthree\n";
  EXPECT_THROW((void)collect({26, 0, 13}, 2), Error);
}

}  // namespace
}  // namespace cram::corpus
