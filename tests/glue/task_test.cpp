// The layouts of GLUE's own files, in small.
#include "cram/glue/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "glue/glue_files.h"

namespace cram::glue {
namespace {

using cram::test::TempFolder;
using test::firsts;
using test::ids;
using test::refused;
using test::targets;
using test::write;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsNan;
using testing::Not;

const Task& task(const std::string& name) { return *find_task(name); }

TEST(Tasks, StandInTheOrderOfThePapersTables) {
  std::vector<std::string> titles;
  for (const Task& each : tasks()) titles.push_back(each.title);
  EXPECT_THAT(titles, ElementsAre("MNLI", "SST-2", "STS-B", "RTE", "QNLI", "QQP", "MRPC", "CoLA",
                                  "WNLI", "AX"));
}

TEST(Tasks, AreFoundByAnyUsualSpelling) {
  for (const char* name : {"SST-2", "sst2", "sst-2", "SST2"}) {
    ASSERT_NE(find_task(name), nullptr) << name;
    EXPECT_EQ(find_task(name)->name, "sst2");
  }
  EXPECT_EQ(find_task("CoLA")->metrics.front(), Metric::kMatthews);
  EXPECT_EQ(find_task("sst3"), nullptr);
  EXPECT_EQ(find_task(""), nullptr);
}

TEST(Tasks, HaveLabelsUnlessTheyAreScored) {
  for (const Task& each : tasks()) {
    EXPECT_EQ(each.labels.empty(), each.problem == Problem::kRegression) << each.name;
    EXPECT_FALSE(each.metrics.empty());
    EXPECT_EQ(find_task(each.title), &each);
  }
}

class TaskFiles : public testing::Test {
 protected:
  void add(const std::string& name, std::string_view content) { write(folder_ / name, content); }
  [[nodiscard]] DataSet read(const std::string& name, const std::string& below = "") const {
    return read_task(task(name), (folder_ / below).string());
  }
  [[nodiscard]] Error refusal(const std::string& name, const std::string& below = "") const {
    return refused([&] { return read(name, below); });
  }
  void add_rte(const std::string& train = "0\ta\tb\tentailment\n") {
    add("RTE/train.tsv", "index\tsentence1\tsentence2\tlabel\n" + train);
    add("RTE/dev.tsv", "index\tsentence1\tsentence2\tlabel\n0\tc\td\tnot_entailment\n");
  }

  TempFolder folder_;
};

TEST_F(TaskFiles, OfColaHaveAHeaderInTheTestSplitAlone) {
  add("CoLA/train.tsv", "gj04\t1\t\tIt is \"good.\nbc01\t0\t*\tIt good \"is.\n");
  add("CoLA/dev.tsv", "gj04\t0\t*\tDev.\n");
  add("CoLA/test.tsv", "index\tsentence\n0\tUnknown.\n");
  const DataSet data = read("cola");
  EXPECT_EQ(data.name, "cola");
  EXPECT_FALSE(data.pairs);
  EXPECT_THAT(data.labels, ElementsAre("0", "1"));
  EXPECT_THAT(firsts(data.train), ElementsAre("It is \"good.", "It good \"is."));
  EXPECT_THAT(targets(data.train), ElementsAre(1, 0));
  EXPECT_THAT(ids(data.train), ElementsAre("0", "1"));
  EXPECT_THAT(targets(data.dev.at(0)), ElementsAre(0));
  EXPECT_THAT(firsts(data.test.at(0)), ElementsAre("Unknown."));
  EXPECT_THAT(targets(data.test.at(0)), ElementsAre(IsNan()));
  EXPECT_THAT(data.notes, Contains("CoLA train has 2 rows, officially 8,551"));
}

TEST_F(TaskFiles, OfSst2KeepBlanksAtTheEnd) {
  add("SST-2/train.tsv", "sentence\tlabel\ngood \t1\n");
  add("SST-2/dev.tsv", "sentence\tlabel\nbad \t0\n");
  const DataSet data = read("sst2");
  EXPECT_THAT(firsts(data.train), ElementsAre("good "));
  EXPECT_THAT(data.test, IsEmpty());
  EXPECT_THAT(data.notes, Contains("SST-2 has no test split, officially of 1,821 rows"));
}

TEST_F(TaskFiles, OfRteHoldQuoteMarksAsText) {
  add_rte("0\t\"a\tb\tentailment\n1\tc\"\td\tnot_entailment\n");
  const DataSet data = read("rte");
  EXPECT_TRUE(data.pairs);
  EXPECT_THAT(firsts(data.train), ElementsAre("\"a", "c\""));
  EXPECT_EQ(data.train.examples[1].second, "d");
  EXPECT_THAT(targets(data.train), ElementsAre(0, 1));
}

TEST_F(TaskFiles, OfQnliAskAQuestion) {
  add("QNLI/train.tsv", "index\tquestion\tsentence\tlabel\n7\tWhy?\tSo.\tnot_entailment\n");
  add("QNLI/dev.tsv", "index\tquestion\tsentence\tlabel\n0\tWho?\tShe.\tentailment\n");
  const DataSet data = read("QNLI");
  EXPECT_EQ(data.train.examples[0].first, "Why?");
  EXPECT_EQ(data.train.examples[0].second, "So.");
  EXPECT_THAT(ids(data.train), ElementsAre("7"));
  EXPECT_THAT(targets(data.train), ElementsAre(1));
}

TEST_F(TaskFiles, OfStsbAreReadByTheNamesOfTheirColumns) {
  add("STS-B/train.tsv", "index\tgenre\tsentence1\tsentence2\tscore\n0\tg\ta\tb\t3.800\n");
  add("STS-B/dev.tsv", "score\tsentence2\tsentence1\n5\tb\ta\n");
  const DataSet data = read("stsb");
  EXPECT_EQ(data.problem, Problem::kRegression);
  EXPECT_THAT(data.labels, IsEmpty());
  EXPECT_THAT(targets(data.train), ElementsAre(3.8));
  EXPECT_THAT(firsts(data.dev.at(0)), ElementsAre("a"));
  EXPECT_THAT(targets(data.dev.at(0)), ElementsAre(5));
}

TEST_F(TaskFiles, OfMnliHaveTwoDevSplitsAndTheDiagnosticSetBeside) {
  const std::string train = "index\tpairID\tsentence1\tsentence2\tlabel1\tgold_label\n";
  const std::string dev = "index\tsentence1\tsentence2\tlabel1\tlabel2\tgold_label\n";
  add("MNLI/train.tsv", train + "0\t31n\tp\th\tneutral\tneutral\n");
  add("MNLI/dev_matched.tsv", dev + "0\tp\th\tneutral\tentailment\tentailment\n");
  add("MNLI/dev_mismatched.tsv", dev + "0\tp\th\tneutral\tneutral\tcontradiction\n");
  add("MNLI/test_matched.tsv", "index\tsentence1\tsentence2\n9847\tp\th\n");
  add("MNLI/test_mismatched.tsv", "index\tsentence1\tsentence2\n3\tp\th\n");
  add("diagnostic/diagnostic.tsv", "index\tsentence1\tsentence2\n0\tcat\tmat\n");
  for (const char* below : {"", "MNLI"}) {
    const DataSet data = read("mnli", below);
    EXPECT_THAT(targets(data.train), ElementsAre(1));
    ASSERT_EQ(data.dev.size(), 2U);
    EXPECT_EQ(data.dev[0].name, "dev");
    EXPECT_THAT(targets(data.dev[0]), ElementsAre(0));
    EXPECT_EQ(data.dev[1].name, "dev-mismatched");
    EXPECT_THAT(targets(data.dev[1]), ElementsAre(2));
    ASSERT_EQ(data.test.size(), 3U);
    EXPECT_THAT(ids(data.test[0]), ElementsAre("9847"));
    EXPECT_EQ(data.test[1].name, "test-mismatched");
    EXPECT_EQ(data.test[2].name, "ax");
    EXPECT_THAT(firsts(data.test[2]), ElementsAre("cat"));
  }
  const DataSet ax = read("ax");
  EXPECT_THAT(ax.train.examples, IsEmpty());
  ASSERT_EQ(ax.test.size(), 1U);
  EXPECT_EQ(ax.test[0].name, "ax");
  EXPECT_THAT(ax.labels, ElementsAre("entailment", "neutral", "contradiction"));
}

TEST_F(TaskFiles, OfQqpMayHoldBrokenRowsWhichAreCounted) {
  const std::string header = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n";
  add("QQP/train.tsv",
      header + "133\t1\t2\tHow?\tHow?\t1\n134\t3\t4\tbroken\n\tapart\t0\n135\t5\t6\t\"a\tb\t0\n");
  add("QQP/dev.tsv", header + "200\t1\t2\tWhy?\tWho?\t0\n201\t1\n");
  add("QQP/test.tsv", "id\tquestion1\tquestion2\n9\tWhere?\tHere?\n");
  const DataSet data = read("qqp");
  EXPECT_THAT(ids(data.train), ElementsAre("133", "135"));
  EXPECT_THAT(targets(data.train), ElementsAre(1, 0));
  EXPECT_THAT(ids(data.test.at(0)), ElementsAre("9"));
  EXPECT_THAT(data.notes, Contains(AllOf(HasSubstr("QQP train: skipped 2 broken rows, the first"),
                                         HasSubstr("train.tsv:3"))));
  EXPECT_THAT(data.notes, Contains(HasSubstr("QQP dev: skipped 1 broken row, at ")));
}

TEST_F(TaskFiles, OfMrpcMayBeTheOriginalOnes) {
  const std::string header = "\xEF\xBB\xBFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n";
  add("MRPC/msr_paraphrase_train.txt", header +
                                           "1\t10\t20\ta\tb\r\n0\t11\t21\t\"c\td\r\n"
                                           "1\t12\t22\te\tf\"\r\n");
  add("MRPC/msr_paraphrase_test.txt", header + "0\t13\t23\tg\th\r\n");
  add("MRPC/dev_ids.tsv", "11\t21\n");
  const DataSet data = read("mrpc");
  EXPECT_THAT(firsts(data.train), ElementsAre("a", "e"));
  EXPECT_EQ(data.train.examples[1].second, "f\"");
  EXPECT_THAT(firsts(data.dev.at(0)), ElementsAre("\"c"));
  EXPECT_THAT(targets(data.test.at(0)), ElementsAre(0));
  EXPECT_THAT(ids(data.test.at(0)), ElementsAre("0"));
}

TEST_F(TaskFiles, OfMrpcNeedTheListOfTheDevSplit) {
  add("MRPC/msr_paraphrase_train.txt", "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n");
  EXPECT_THAT(refusal("mrpc").what(), HasSubstr("no dev_ids.tsv"));
}

TEST_F(TaskFiles, OfMrpcMayBeSplitAlready) {
  const std::string header = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n";
  add("MRPC/train.tsv", header + "1\t10\t20\ta\tb\n");
  add("MRPC/dev.tsv", header + "0\t11\t21\tc\td\n");
  add("MRPC/test.tsv", "index\t#1 ID\t#2 ID\t#1 String\t#2 String\n5\t1\t2\te\tf\n");
  const DataSet data = read("mrpc");
  EXPECT_THAT(targets(data.dev.at(0)), ElementsAre(0));
  EXPECT_THAT(ids(data.test.at(0)), ElementsAre("5"));
  EXPECT_THAT(targets(data.test.at(0)), ElementsAre(IsNan()));
}

TEST_F(TaskFiles, AreFoundInFoldersOfAnyUsualSpelling) {
  const std::string rows = "sentence\tlabel\ngood\t1\n";
  for (const char* name : {"SST-2", "sst2", "sst-2", "Sst_2"}) {
    add(std::string(name) + "-/" + name + "/train.tsv", rows);
    add(std::string(name) + "-/" + name + "/dev.tsv", rows);
    EXPECT_EQ(read("sst2", std::string(name) + "-").train.examples.size(), 1U) << name;
    EXPECT_EQ(read("sst2", std::string(name) + "-/" + name).train.examples.size(), 1U) << name;
    EXPECT_EQ(read("sst2", std::string(name) + "-/" + name + "/").train.examples.size(), 1U);
  }
  add("mine/train.tsv", rows);
  add("mine/dev.tsv", rows);
  EXPECT_EQ(read("sst2", "mine").dev.size(), 1U);
}

TEST_F(TaskFiles, OfAnotherTaskAreNotTakenForItsOwn) {
  add_rte();
  const Error error = refusal("wnli", "RTE");
  EXPECT_THAT(error.what(), HasSubstr("no data of WNLI in "));
  EXPECT_THAT(error.what(), HasSubstr("neither WNLI/train.tsv nor wnli/train-00000-of-00001"));
  EXPECT_THAT(refusal("ax").what(), HasSubstr("neither AX/diagnostic.tsv nor ax/test-00000"));
}

TEST_F(TaskFiles, ThatAreMissingAreSaidSo) {
  EXPECT_THAT(refusal("rte").hint(), Not(IsEmpty()));
  EXPECT_THAT(refusal("rte", "nowhere").what(), HasSubstr("cannot read the folder"));
  add("RTE/train.tsv", "index\tsentence1\tsentence2\tlabel\n0\ta\tb\tentailment\n");
  EXPECT_THAT(refusal("rte").what(), HasSubstr("holds no dev rows of RTE"));
}

TEST_F(TaskFiles, WithRowsThatDoNotFitAreRefusedByLine) {
  add_rte("0\ta\tb\tentailment\n1\ta\tb\n");
  EXPECT_THAT(refusal("rte").what(), HasSubstr("train.tsv:3: 3 fields where 4 were expected"));
  add_rte("0\ta\tb\tperhaps\n");
  EXPECT_THAT(refusal("rte").what(),
              HasSubstr("train.tsv:2: the label \"perhaps\"; expected entailment or not_entail"));
  add_rte("0\ta\xff\tb\tentailment\n");
  EXPECT_THAT(refusal("rte").what(), HasSubstr("train.tsv:2: byte 4 is not valid UTF-8"));
  add("RTE/train.tsv", "index\tpremise\n");
  EXPECT_THAT(refusal("rte").what(), HasSubstr("train.tsv has no column called sentence1"));
  add("RTE/train.tsv", "index\tsentence1\tsentence2\n");
  EXPECT_THAT(refusal("rte").what(), HasSubstr("has no column called label"));
  add("RTE/train.tsv", "");
  EXPECT_THAT(refusal("rte").what(), HasSubstr("train.tsv is empty"));
  add("RTE/train.tsv", "index\tlabel\tlabel\n");
  EXPECT_THAT(refusal("rte").what(), HasSubstr("train.tsv:1: two columns are called \"label\""));
}

TEST_F(TaskFiles, WithScoresOutOfRangeAreRefused) {
  for (const char* score : {"5.1", "-1", "nan", "", "3,5"}) {
    add("STS-B/train.tsv", "sentence1\tsentence2\tscore\na\tb\t" + std::string(score) + "\n");
    add("STS-B/dev.tsv", "sentence1\tsentence2\tscore\na\tb\t1\n");
    EXPECT_THAT(refusal("stsb").what(), HasSubstr("expected a score from 0 to 5")) << score;
  }
}

}  // namespace
}  // namespace cram::glue
