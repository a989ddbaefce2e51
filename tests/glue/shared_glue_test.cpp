// The real data sets.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/glue/task.h"
#include "cram/text/document.h"

#include "glue/glue_files.h"

namespace cram::glue {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class SharedGlue : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(data())) GTEST_SKIP() << "no shared data";
  }
  [[nodiscard]] static fs::path data() { return fs::path(CRAM_SHARED_DIR) / "data/glue"; }
  [[nodiscard]] static DataSet read(const std::string& name) {
    return read_task(*find_task(name), data().string());
  }
  [[nodiscard]] static int count(const Split& split, int label) {
    int found = 0;
    for (const Example& example : split.examples) found += example.target == label ? 1 : 0;
    return found;
  }
};

TEST_F(SharedGlue, HasTheOfficialRowCounts) {
  for (const char* name : {"cola", "sst2", "mrpc", "stsb", "rte", "wnli", "ax"}) {
    const DataSet set = read(name);
    EXPECT_THAT(set.notes, IsEmpty()) << name;
    std::size_t rows = set.train.examples.size();
    for (const Split& split : set.dev) rows += split.examples.size();
    for (const Split& split : set.test) rows += split.examples.size();
    std::size_t official = 0;
    for (const OfficialRows& split : find_task(name)->official) {
      official += static_cast<std::size_t>(split.rows);
    }
    EXPECT_EQ(rows, official) << name;
  }
}

TEST_F(SharedGlue, HasTheKnownSharesOfLabels) {
  const DataSet cola = read("cola");
  EXPECT_EQ(count(cola.train, 1), 6'023);
  EXPECT_EQ(count(cola.dev[0], 1), 721);
  const DataSet mrpc = read("mrpc");
  EXPECT_EQ(count(mrpc.train, 1), 2'474);
  EXPECT_EQ(count(mrpc.dev[0], 1), 279);
  EXPECT_EQ(count(mrpc.test[0], 1), 1'147);
  EXPECT_EQ(count(read("rte").dev[0], 0), 146);
  EXPECT_EQ(count(read("sst2").dev[0], 1), 444);
}

TEST_F(SharedGlue, KeepsRowsAsTheyStand) {
  const DataSet sst2 = read("sst2");
  EXPECT_EQ(sst2.dev[0].examples[0].first, "it 's a charming and often affecting journey . ");
  const DataSet mrpc = read("mrpc");
  EXPECT_EQ(mrpc.train.examples[0].first,
            "Amrozi accused his brother , whom he called \" the witness \" , of deliberately "
            "distorting his evidence .");
  const DataSet stsb = read("stsb");
  // Line 2003 opens a quote mark that it does not close.
  EXPECT_EQ(stsb.train.examples[2001].first, "\"Then the captain was gone.");
  EXPECT_EQ(stsb.train.examples[2001].second, "Then the captain came back.");
  EXPECT_EQ(stsb.train.examples[2001].target, 0.8);
  EXPECT_EQ(stsb.train.examples[2001].id, "2001");
}

TEST_F(SharedGlue, NotesThatMnliIsASubset) {
  if (!text::can_read_parquet()) GTEST_SKIP() << "built without Parquet";
  const DataSet mnli =
      read_task(*find_task("mnli"), (fs::path(CRAM_SHARED_DIR) / "data/glue-parquet").string());
  EXPECT_THAT(mnli.notes,
              ElementsAre("MNLI train has 8,999 rows, officially 392,702",
                          "MNLI dev has 1,000 rows, officially 9,815",
                          "MNLI has no dev-mismatched split, officially of 9,832 rows",
                          "MNLI has no test split, officially of 9,796 rows",
                          "MNLI has no test-mismatched split, officially of 9,847 rows"));
  EXPECT_EQ(mnli.dev[0].examples[0].first, "Salt kept the town fed.");
  EXPECT_EQ(mnli.dev[0].examples[0].second, "Salt kept the town thriving.");
  EXPECT_EQ(mnli.labels.at(2), "contradiction");
  EXPECT_EQ(mnli.dev[0].examples[1].target, 2);
}

}  // namespace
}  // namespace cram::glue
