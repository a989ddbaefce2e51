// Hugging Face's Parquet folders; those in data/ were written by data/make_parquet.py.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/glue/task.h"
#include "cram/text/document.h"

#include "glue/glue_files.h"

namespace cram::glue {
namespace {

namespace fs = std::filesystem;
using cram::test::TempFolder;
using test::firsts;
using test::ids;
using test::refused;
using test::targets;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsNan;

class TaskParquet : public testing::Test {
 protected:
  void SetUp() override {
    if (!text::can_read_parquet()) GTEST_SKIP() << "built without Parquet";
  }
  [[nodiscard]] static std::string data(const std::string& name = "") {
    return (fs::path(CRAM_SOURCE_DIR) / "tests/glue/data" / name).string();
  }
  [[nodiscard]] static DataSet read(const std::string& name, const std::string& folder) {
    return read_task(*find_task(name), folder);
  }
  // A copy of some of the files, to take parts away from.
  void copy(const std::string& name) const {
    fs::create_directories((folder_ / name).parent_path());
    fs::copy_file(data(name), folder_ / name);
  }

  TempFolder folder_;
};

TEST_F(TaskParquet, NumbersLabelsAsTheOfficialFilesDo) {
  const DataSet data_set = read("rte", data());
  EXPECT_THAT(data_set.labels, ElementsAre("entailment", "not_entailment"));
  EXPECT_THAT(targets(data_set.train), ElementsAre(0, 1, 1));
  EXPECT_THAT(firsts(data_set.train), ElementsAre("first 0", "first 1", "first 2"));
  EXPECT_EQ(data_set.train.examples[2].second, "\"second\" 2");
  EXPECT_THAT(targets(data_set.dev.at(0)), ElementsAre(1));
  EXPECT_THAT(targets(data_set.test.at(0)), ElementsAre(IsNan(), IsNan()));
  EXPECT_THAT(data_set.notes, Contains("RTE test has 2 rows, officially 3,000"));
}

TEST_F(TaskParquet, JoinsPartsAndFindsTheDiagnosticSetBeside) {
  for (const std::string& folder : {data(), data("mnli")}) {
    const DataSet mnli = read("mnli", folder);
    EXPECT_THAT(targets(mnli.train), ElementsAre(0, 1, 2));
    EXPECT_THAT(ids(mnli.train), ElementsAre("0", "1", "2"));
    ASSERT_EQ(mnli.dev.size(), 2U);
    EXPECT_THAT(targets(mnli.dev[1]), ElementsAre(1, 0));
    ASSERT_EQ(mnli.test.size(), 2U);
    EXPECT_EQ(mnli.test[0].name, "test");
    EXPECT_EQ(mnli.test[1].name, "ax");
    EXPECT_THAT(mnli.notes,
                Contains("MNLI has no test-mismatched split, officially of 9,847 rows"));
  }
}

TEST_F(TaskParquet, ReadsScoresAndSingleFiles) {
  EXPECT_THAT(targets(read("stsb", data()).train),
              ElementsAre(5, testing::DoubleNear(3.8, 1e-6), 0));
  const DataSet sst2 = read("sst2", data("sst2"));
  EXPECT_THAT(firsts(sst2.train), ElementsAre("good ", "bad "));
  EXPECT_THAT(ids(sst2.train), ElementsAre("7", "8"));
}

TEST_F(TaskParquet, RefusesATableWithoutAllItsParts) {
  copy("mnli/train-00001-of-00002.parquet");
  const Error error = refused([&] { return read("mnli", folder_.path().string()); });
  EXPECT_THAT(error.what(), HasSubstr("holds 1 of the 2 parts of train"));
  copy("mnli/train-00000-of-00002.parquet");
  fs::copy_file(data("mnli/train-00000-of-00002.parquet"),
                folder_ / "mnli/train-00000-of-00002-0123abcd.parquet");
  EXPECT_THAT(refused([&] { return read("mnli", folder_.path().string()); }).what(),
              HasSubstr("holds the train split twice"));
}

TEST_F(TaskParquet, RefusesLabelsThatDoNotFit) {
  EXPECT_THAT(refused([] { return read("rte", data("labels")); }).what(),
              HasSubstr("RTE train, row 2: the label 2"));
  EXPECT_THAT(refused([] { return read("rte", data("hidden")); }).what(),
              HasSubstr("RTE train, row 2: no label"));
  EXPECT_THAT(refused([] { return read("cola", data("hidden")); }).what(),
              HasSubstr("no column \"sentence\""));
}

}  // namespace
}  // namespace cram::glue
