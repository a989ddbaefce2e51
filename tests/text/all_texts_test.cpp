#include "cram/text/all_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/text/document.h"
#include "cram/text/parquet_table.h"
#include "cram/text/utf8.h"

#include "support/mutator.h"
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

TEST_F(AllTextsTest, SurvivesWhateverAFileHolds) {
  const std::vector<std::pair<std::string, std::string>> files = {
      {"a.tsv", "id\tsentence\n1\tIt rains.\n2\t日本\n"},
      {"a.csv", "id,text\n1,\"It rains, it pours\"\n"},
      {"a.jsonl", "{\"s\": \"One.\", \"n\": [3, \"Two\"]}\n[\"\\u00e9\\ud83d\\ude00\"]\n"},
      {"a.json", "{\"data\": [{\"q\": \"Why?\"}, [\"deep\"]]}\n"}};
  cram::test::Mutator mutator(3, {"\t", "\n", ",", "\"", "{", "}", "[", "]", "\\u", "\xFF"}, 8);
  int read_whole = 0;
  for (int round = 0; round < 1200; ++round) {
    const auto& [name, content] = files[static_cast<std::size_t>(round) % files.size()];
    const std::string changed = round % 10 == 9 ? mutator.noise() : mutator.mutate(content);
    try {
      for (const std::string& text : read(name, changed)) {
        ASSERT_FALSE(text.empty()) << testing::PrintToString(changed);
        ASSERT_TRUE(is_valid_utf8(text)) << testing::PrintToString(changed);
      }
      ++read_whole;
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::kData) << testing::PrintToString(changed);
    }
  }
  EXPECT_GT(read_whole, 500);
}

}  // namespace
}  // namespace cram::text
