#include "cram/glue/score_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"

#include "sample_scores.h"

namespace cram::glue {
namespace {

using test::sample_glue;
using test::sample_mnli;
using test::sample_mrpc;
using test::task_with;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Spread spread_of(const std::vector<double>& values) {
  return spread(task_with("rte", "RTE", Metric::kAccuracy, values), "dev", Metric::kAccuracy);
}

TEST(Spread, IsMedianSmallestAndLargest) {
  const Spread odd = spread_of({0.7, 0.5, 0.9});
  EXPECT_EQ(odd.median, 0.7);
  EXPECT_EQ(odd.smallest, 0.5);
  EXPECT_EQ(odd.largest, 0.9);
  EXPECT_DOUBLE_EQ(spread_of({0.7, 0.5, 0.9, 0.6}).median, 0.65);
  EXPECT_EQ(spread_of({0.7}).median, 0.7);
}

TEST(Spread, TakesADivergedSeedForTheWorst) {
  const Spread one = spread_of({0.7, kNan, 0.9});
  EXPECT_EQ(one.median, 0.7);
  EXPECT_TRUE(std::isnan(one.smallest));
  EXPECT_EQ(one.largest, 0.9);
  EXPECT_TRUE(std::isnan(spread_of({kNan, 0.9}).median));
  EXPECT_TRUE(std::isnan(spread_of({kNan, 0.9, kNan}).median));
  EXPECT_TRUE(std::isnan(spread_of({kNan}).largest));
}

TEST(Spread, IsNanWhereNoSeedHasTheNumber) {
  EXPECT_TRUE(std::isnan(spread_of({}).median));
  EXPECT_TRUE(std::isnan(spread(sample_mnli(), "dev", Metric::kF1).median));
  EXPECT_TRUE(std::isnan(spread(sample_mnli(), "test", Metric::kAccuracy).largest));
}

std::int64_t median_of(const std::vector<double>& values) {
  return median_seed(task_with("rte", "RTE", Metric::kAccuracy, values)).seed;
}

TEST(MedianSeed, IsTheLowerOfTheMiddleTwo) {
  EXPECT_EQ(median_of({0.9, 0.5, 0.7}), 2);
  EXPECT_EQ(median_of({0.9, 0.5, 0.7, 0.6}), 3);
  EXPECT_EQ(median_of({0.9}), 0);
  EXPECT_EQ(median_of({kNan, 0.5, 0.9}), 1);
  EXPECT_EQ(median_of({0.5, 0.5, 0.5}), 1);
}

TEST(MedianSeed, TakesSeedsWithoutNumbersForTheWorst) {
  TaskScores task = task_with("rte", "RTE", Metric::kAccuracy, {0.5, 0.9, 0.1});
  task.seeds[2].splits.clear();
  EXPECT_EQ(median_seed(task).seed, 0);
  EXPECT_THROW((void)median_seed(TaskScores{}), Error);
}

TEST(GlueMean, IsOverThePapersNineNumbers) {
  const GlueMean mean = glue_mean(sample_glue(0.14));
  EXPECT_NEAR(mean.mean, (8 * 0.5 + 0.14) / 9, 1e-15);
  EXPECT_THAT(mean.missing, IsEmpty());
}

TEST(GlueMean, SaysWhatIsMissing) {
  const GlueMean mean = glue_mean({sample_mrpc(), sample_mnli()});
  EXPECT_NEAR(mean.mean, (0.845 + 0.85 + 0.901) / 3, 1e-15);
  EXPECT_THAT(mean.missing, ElementsAre("SST-2", "STS-B", "RTE", "QNLI", "QQP", "CoLA"));
}

TEST(GlueMean, CountsADivergedTaskAsMissing) {
  const GlueMean mean = glue_mean(sample_glue(kNan));
  EXPECT_EQ(mean.mean, 0.5);
  EXPECT_THAT(mean.missing, ElementsAre("CoLA (diverged)"));
}

TEST(GlueMean, LeavesOutOtherTasks) {
  const GlueMean mean = glue_mean({task_with("wnli", "WNLI", Metric::kAccuracy, {0.5})});
  EXPECT_TRUE(std::isnan(mean.mean));
  EXPECT_THAT(mean.missing, SizeIs(kGlueNumbers));
}

std::vector<TaskScores> sample_tasks() {
  return {sample_mnli(), sample_mrpc(),
          task_with("cola", "CoLA", Metric::kMatthews, {0.5, kNan, 0.4213})};
}

TEST(ScoreText, AlignsItsColumns) {
  EXPECT_EQ(to_text(sample_tasks()),
            "task                 metric    median  range             seeds  other metrics\n"
            "-------------------  --------  ------  ---------------  ------  --------------\n"
            "MNLI                 accuracy   84.50  84.00..85.00          2\n"
            "MNLI dev-mismatched  accuracy   85.00  85.00..85.00          2\n"
            "MRPC                 f1         90.10                        1  accuracy 86.60\n"
            "CoLA                 matthews   42.13  diverged..50.00  2 of 3\n"
            "\n"
            "GLUE mean: 75.43 over 4 of 9 numbers, without SST-2, STS-B, RTE, QNLI, QQP\n");
}

TEST(ScoreText, IsAsciiAndAtMostAHundredColumnsWide) {
  TaskScores mine = task_with("mine", "Überaus " + std::string(200, 'l') + "ong\n",
                              Metric::kExactMatch, {kNan, -1, 1});
  mine.seeds[0].splits[0].metrics.push_back({Metric::kF1, kNan});
  mine.seeds[0].splits[0].metrics.push_back({Metric::kSpearman, -1});
  std::vector<TaskScores> tasks = sample_glue(kNan);
  for (TaskScores& task : tasks) task.seeds[0].splits[0].metrics[0].value = kNan;
  tasks.push_back(mine);
  const std::string text = to_text(tasks);
  EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= ' ' && c < 127); }));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
  EXPECT_THAT(text, HasSubstr("?beraus lll"));
  EXPECT_THAT(text, HasSubstr("f1 diverged, spearman -100.00"));
}

TEST(ScoreText, LeavesOutTheMeanWhereNothingOfGlueIsThere) {
  const auto mine = task_with("mine", "Mine", Metric::kAccuracy, {0.99999});
  EXPECT_THAT(to_text({mine}), Not(HasSubstr("GLUE")));
  EXPECT_THAT(to_text({mine}), HasSubstr("100.00"));
  EXPECT_THAT(to_text({}), HasSubstr("task"));
}

TEST(ScoreText, HasNoNegativeNothing) {
  EXPECT_THAT(to_text({task_with("cola", "CoLA", Metric::kMatthews, {-0.00001})}),
              Not(HasSubstr("-0.00")));
}

TEST(ScoreMarkdown, IsATable) {
  EXPECT_EQ(to_markdown({sample_mrpc(), task_with("a|b", "a|b *c*\n", Metric::kAccuracy, {1})}),
            "| task | metric | median | range | seeds | other metrics |\n"
            "|---|---|---:|---|---:|---|\n"
            "| MRPC | f1 | 90.10 |  | 1 | accuracy 86.60 |\n"
            "| a\\|b \\*c\\*  | accuracy | 100.00 |  | 1 |  |\n"
            "\n"
            "GLUE mean: 90.10 over 1 of 9 numbers, without MNLI, MNLI-mm, SST-2, STS-B, RTE, QNLI, "
            "QQP, CoLA\n");
}

TEST(ScoreCsv, HasARowForEachNumberAndSeed) {
  EXPECT_EQ(to_csv({sample_mrpc(), task_with("cola", "CoLA", Metric::kMatthews, {1.0 / 3, kNan})}),
            "task,split,metric,seed,value,seconds\n"
            "mrpc,dev,f1,7,0.901,9\n"
            "mrpc,dev,accuracy,7,0.866,9\n"
            "cola,dev,matthews,0,0.3333333333333333,60.5\n"
            "cola,dev,matthews,1,nan,60.5\n");
}

TEST(ScoreCsv, QuotesWhatNeedsIt) {
  EXPECT_THAT(to_csv({task_with("a,\"b\"", "", Metric::kAccuracy, {0.5})}),
              HasSubstr("\n\"a,\"\"b\"\"\",dev,accuracy,0,0.5,60.5\n"));
}

}  // namespace
}  // namespace cram::glue
