#include "cram/finetune/workload.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "cram/base/error.h"

#include "small_task.h"

namespace cram::finetune {
namespace {

using testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

class WorkloadTest : public testing::Test {
 protected:
  [[nodiscard]] Workload make(const glue::DataSet& data, const glue::Task* task = nullptr) const {
    return make_workload(
        data, task, *tokenizer_,
        {.framing = {.max_length = 16}, .max_examples = 0, .cache = folder_ / "cache"});
  }

  void expect_refused(const glue::DataSet& data, const char* because) const {
    try {
      (void)make(data);
      ADD_FAILURE() << "made a workload that should be refused because: " << because;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData) << error.what();
      EXPECT_THAT(error.what(), HasSubstr(because));
    }
  }

  cram::test::TempFolder folder_;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_ = test::make_tokenizer(folder_);
};

glue::DataSet named_words() {
  glue::DataSet data;
  data.name = "names";
  data.problem = glue::Problem::kTokenLabels;
  data.labels = {"O", "X"};
  const glue::Example example{.words = {"the", "cat"}, .word_labels = {0, 1}};
  data.train = {"train", {example, example}};
  data.dev = {{"dev", {example}}};
  return data;
}

TEST_F(WorkloadTest, RefusesClassesThatAreUnknownOrNone) {
  for (const double target : {2.0, -1.0, 0.5, std::numeric_limits<double>::infinity()}) {
    glue::DataSet data = test::make_data();
    data.train.examples[3].target = target;
    expect_refused(data, "kinds train, example 4: a label or score that cannot be");
    data = test::make_data();
    data.dev[0].examples[1].target = target;
    expect_refused(data, "kinds dev, example 2: a label or score that cannot be");
  }
  glue::DataSet data = test::make_data();
  data.train.examples[3].target = kNan;
  expect_refused(data, "kinds train, example 4: no label");
}

TEST_F(WorkloadTest, RefusesScoresThatAreUnknownOrInfinite) {
  for (const double target : {kNan, -std::numeric_limits<double>::infinity()}) {
    glue::DataSet data = test::make_data();
    data.problem = glue::Problem::kRegression;
    data.labels.clear();
    EXPECT_EQ(make(data).training.size(), 160u);
    data.train.examples[0].target = target;
    expect_refused(data, "kinds train, example 1");
  }
}

TEST_F(WorkloadTest, RefusesWordsWhoseLabelsDoNotFit) {
  EXPECT_EQ(make(named_words()).training.size(), 2u);
  for (const std::vector<int>& labels :
       {std::vector<int>{}, std::vector<int>{0}, {0, 1, 1}, {0, 2}, {-1, 0}}) {
    glue::DataSet data = named_words();
    data.train.examples[1].word_labels = labels;
    expect_refused(data, "names train, example 2");
  }
}

TEST_F(WorkloadTest, NeedsAKnownLabelToScore) {
  glue::DataSet data = test::make_data();
  for (std::size_t i = 1; i < data.dev[0].examples.size(); ++i) {
    data.dev[0].examples[i].target = kNan;
  }
  EXPECT_EQ(make(data).dev[0].size(), 40u) << "one is enough";
  data.dev[0].examples[0].target = kNan;
  expect_refused(data, "no label of the development split is known");
  data = named_words();
  data.dev[0].examples[0].word_labels.clear();
  expect_refused(data, "no label of the development split is known");
}

TEST_F(WorkloadTest, IsAnotherWhenLabelsMeanSomethingElseOrAreScoredInAnotherWay) {
  glue::DataSet data = test::make_data();
  const std::string before = make(data).fingerprint;
  EXPECT_EQ(make(data).fingerprint, before);
  EXPECT_NE(make(data, glue::find_task("cola")).fingerprint, before);
  std::swap(data.labels[0], data.labels[1]);
  EXPECT_NE(make(data).fingerprint, before);
}

TEST_F(WorkloadTest, OfOwnDataIsNotCalledAsATaskOfGlue) {
  glue::DataSet data = test::make_data();
  EXPECT_EQ(make(data).name(), "kinds");
  data.name = "cola";
  EXPECT_EQ(make(data).name(), "cola-own");
  EXPECT_EQ(make(data, glue::find_task("cola")).name(), "cola");
  data.name = "SST-2";
  EXPECT_EQ(make(data).name(), "SST-2-own");
}

}  // namespace
}  // namespace cram::finetune
