#include "cram/text/all_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/text/document.h"
#include "cram/text/parquet_table.h"

#include "support/temp_folder.h"
#include "text/text_files.h"

namespace cram::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;

class AllTextsTest : public testing::Test {
 protected:
  std::vector<std::string> read(const std::string& name, const std::string& content) {
    test::write(folder_ / name, content);
    return read_all_texts(find_example_files({(folder_ / name).string()}));
  }

  cram::test::TempFolder folder_;
};

TEST_F(AllTextsTest, TakesEachFieldOfATableWithTabs) {
  EXPECT_THAT(read("a.tsv", "id\tsentence\tlabel\r\n7\tIt rains, \"again\".\t\t1\n"),
              ElementsAre("id", "sentence", "label", "7", "It rains, \"again\".", "1"));
  EXPECT_THAT(read("msr.txt", "1\tOne.\tTwo."), ElementsAre("1", "One.", "Two."));
}

TEST_F(AllTextsTest, TakesEachLineOfATableWithCommas) {
  EXPECT_THAT(read("a.csv", "text,label\n\"It rains, it pours\",0\n"),
              ElementsAre("text,label", "\"It rains, it pours\",0"));
}

TEST_F(AllTextsTest, TakesEachStringOfJson) {
  EXPECT_THAT(read("a.jsonl", "{\"s\": \"One.\", \"n\": 3, \"q\": [\"Two.\"]}\n\n{\"s\": null}\n"),
              testing::UnorderedElementsAre("One.", "Two."));
  EXPECT_THAT(read("a.json", "{\"data\":\n [{\"question\": \"Why?\"},\n 1, [\"deep\"]]}\n"),
              ElementsAre("Why?", "deep"));
}

TEST_F(AllTextsTest, RepairsMalformedText) {
  EXPECT_THAT(read("a.tsv", "a\xFFz\t\n"), ElementsAre("a\xEF\xBF\xBDz"));
  EXPECT_THAT(read("a.jsonl", "[\"a\xFFz\"]\n"), ElementsAre("a\xEF\xBF\xBDz"));
}

TEST_F(AllTextsTest, NamesTheLineThatIsNoJson) {
  try {
    (void)read("bad.jsonl", "{\"s\": \"One.\"}\n{\"s\": \n");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_THAT(error.what(), HasSubstr("bad.jsonl:2: "));
  }
}

TEST_F(AllTextsTest, FindsExamplesInFoldersAndSkipsTheRest) {
  std::filesystem::create_directories(folder_ / "RTE");
  test::write(folder_ / "RTE" / "train.tsv", "1\tIn a folder.\n");
  test::write(folder_ / "RTE" / "notes.md", "none\n");
  const auto files = find_example_files({folder_.path().string()});
  ASSERT_EQ(files.size(), 1U);
  EXPECT_THAT(read_all_texts(files), ElementsAre("1", "In a folder."));
  EXPECT_THROW((void)find_example_files({(folder_ / "RTE" / "notes.md").string()}), Error);
}

TEST_F(AllTextsTest, TakesTheColumnsOfTextOfParquet) {
  const std::filesystem::path mnli =
      std::filesystem::path(CRAM_SHARED_DIR) / "data" / "glue-parquet" / "mnli";
  if (!can_read_parquet() || !std::filesystem::exists(mnli)) GTEST_SKIP();
  auto files = find_example_files({mnli.string()});
  ASSERT_FALSE(files.empty());
  files.resize(1);
  const std::string file = files[0].path.string();
  const auto texts = read_all_texts(files);
  EXPECT_THAT(parquet_text_columns({file}), IsSupersetOf({"premise", "hypothesis"}));
  EXPECT_EQ(texts.size(), 2 * read_parquet_texts({file}, "premise").size());
}

}  // namespace
}  // namespace cram::text
