#include "cram/finetune/prediction.h"

#include <algorithm>
#include <cmath>
#include <csignal>

#include <gmock/gmock.h>

#include "cram/base/interrupt.h"
#include "cram/finetune/objective.h"

#include "small_task.h"

namespace cram::finetune {
namespace {

using glue::Metric;
using testing::AnyOf;
using testing::Each;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

Prediction of_class(double number) { return {.value = number}; }

TEST(Measure, CountsExamplesWhoseClassIsKnown) {
  glue::DataSet data;
  data.labels = {"no", "yes"};
  const glue::Split split{"dev",
                          {{.target = 1}, {.target = 0}, {.target = std::nan("")}, {.target = 1}}};
  const std::vector<Prediction> predictions = {of_class(1), of_class(1), of_class(0), of_class(1)};
  const auto measured = measure(predictions, split, data, {Metric::kAccuracy, Metric::kF1});
  EXPECT_NEAR(measured[0].value, 2.0 / 3, 1e-12);
  EXPECT_NEAR(measured[1].value, 0.8, 1e-12);
}

TEST(Measure, CorrelatesScores) {
  glue::DataSet data;
  data.problem = glue::Problem::kRegression;
  const glue::Split split{"dev", {{.target = 1}, {.target = 2}, {.target = 4}}};
  const std::vector<Prediction> predictions = {of_class(10), of_class(20), of_class(40)};
  for (const auto& measured : measure(predictions, split, data, customary_metrics(data))) {
    EXPECT_NEAR(measured.value, 1, 1e-12);
  }
}

TEST(Measure, CountsWholeEntities) {
  glue::DataSet data;
  data.problem = glue::Problem::kTokenLabels;
  data.labels = {"O", "B-PER", "I-PER"};
  const glue::Split split{"dev", {{.words = {"a", "b", "c", "d"}, .word_labels = {1, 2, 0, 1}}}};
  const std::vector<Prediction> predictions = {{.word_labels = {1, 0, 0, 1}}};
  const auto measured = measure(predictions, split, data, customary_metrics(data));
  EXPECT_NEAR(measured[0].value, 0.5, 1e-12);   // one of two entities, one of two predictions
  EXPECT_NEAR(measured[1].value, 0.75, 1e-12);  // words
}

TEST(Measure, ComparesAnswers) {
  glue::DataSet data;
  data.problem = glue::Problem::kSpan;
  const glue::Split split{"dev", {{.answers = {{"the cat", 0}}}, {.answers = {}}}};
  const std::vector<Prediction> predictions = {{.answer = "cat"}, {.answer = "dog"}};
  const auto measured = measure(predictions, split, data, customary_metrics(data));
  EXPECT_NEAR(measured[0].value, 0.5, 1e-12);
  EXPECT_NEAR(measured[1].value, 0.5, 1e-12);
}

class PredictTest : public testing::Test {
 protected:
  [[nodiscard]] std::vector<Prediction> run(const glue::DataSet& data, const glue::Split& split,
                                            const FramingOptions& framing = {.max_length = 16}) {
    return predict(make_model(data), make_inputs(split, data, *tokenizer_, framing), split, data,
                   prediction_options(data, false));
  }
  [[nodiscard]] model::TaskModel make_model(const glue::DataSet& data) const {
    const recipe::Recipe recipe = test::pretraining_recipe();
    return {recipe.model, {16, tokenizer_->vocab_size()}, task_head(data, {.head_size = 0}), {}, 3};
  }

  cram::test::TempFolder folder_;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_ = test::make_tokenizer(folder_);
};

TEST_F(PredictTest, AnswersInTheOrderOfTheExamples) {
  const glue::DataSet data = test::make_data();
  const auto together = run(data, data.dev.front());
  ASSERT_EQ(together.size(), data.dev.front().examples.size());
  for (const std::size_t i : {0, 7, 39}) {
    const auto alone = run(data, {"dev", {data.dev.front().examples[i]}});
    EXPECT_EQ(together[i].value, alone[0].value);
    EXPECT_NEAR(together[i].probabilities[0], alone[0].probabilities[0], 1e-5);
    EXPECT_NEAR(alone[0].probabilities[0] + alone[0].probabilities[1], 1, 1e-5);
  }
}

TEST_F(PredictTest, LabelsEveryWordAlsoThoseThatWereCutOff) {
  glue::DataSet data;
  data.problem = glue::Problem::kTokenLabels;
  data.labels = {"B-PER", "I-PER", "O"};
  const glue::Split split{"test", {{.words = std::vector<std::string>(40, "cat")}}};
  const std::vector<int> labels = run(data, split)[0].word_labels;
  ASSERT_EQ(labels.size(), 40u);
  // Sixteen tokens, two of them special: the model sees fourteen words.
  EXPECT_THAT(std::vector<int>(labels.begin() + 14, labels.end()), Each(2));
}

TEST_F(PredictTest, LabelsWordsWithoutATokenAsOutside) {
  glue::DataSet data;
  data.problem = glue::Problem::kTokenLabels;
  data.labels = {"B-PER", "I-PER", "O"};
  EXPECT_EQ(run(data, {"test", {{.words = {"cat", "", "dog"}}}})[0].word_labels[1], 2);
}

TEST(PredictionOptions, LabelUnseenWordsAsMostWordsWhereNoneIsOutside) {
  glue::DataSet data;
  data.problem = glue::Problem::kTokenLabels;
  data.labels = {"ADJ", "NOUN", "VERB"};
  data.train = {
      "train",
      {{.words = {"a", "b"}, .word_labels = {0, 1}}, {.words = {"c"}, .word_labels = {1}}}};
  EXPECT_EQ(prediction_options(data, true).unseen_label, 1);
  data.train = {};
  EXPECT_EQ(prediction_options(data, true).unseen_label, 0);
}

TEST_F(PredictTest, AnswersWithAPartOfTheContext) {
  glue::DataSet data;
  data.problem = glue::Problem::kSpan;
  std::string context;
  for (int i = 0; i < 12; ++i) context += "the cat, ";
  const glue::Split split{"test", {{.first = "of", .second = context}}};
  data.train = {"train", {{.answers = {{"the", 0}}}}};
  const std::string answer = run(data, split)[0].answer;
  EXPECT_THAT(answer, AnyOf(StartsWith("the"), StartsWith("cat"), StartsWith(",")));
  EXPECT_THAT(answer, AnyOf(EndsWith("the"), EndsWith("cat"), EndsWith(",")));
  EXPECT_THAT(context, HasSubstr(answer));
}

// The untrained model finds some of these contexts no better than no answer at all.
TEST_F(PredictTest, LeavesNoQuestionOpenWhereTrainingHadAnAnswerToEach) {
  glue::DataSet data;
  data.problem = glue::Problem::kSpan;
  glue::Split split{"test", {}};
  for (const std::string& word : test::words()) {
    split.examples.push_back({.first = "of", .second = word});
  }
  const auto open = [&] {
    const auto predictions = run(data, split);
    return std::count_if(predictions.begin(), predictions.end(),
                         [](const Prediction& one) { return one.answer.empty(); });
  };
  EXPECT_GT(open(), 0);
  data.train = {"train", {{.answers = {{"cat", 0}}}, {.answers = {}}}};
  EXPECT_GT(open(), 0);
  data.train.examples.pop_back();
  EXPECT_EQ(open(), 0);
}

TEST_F(PredictTest, StopsWhenAskedTo) {
  const glue::DataSet data = test::make_data();
  const glue::Split& split = data.dev.front();
  const model::TaskModel model = make_model(data);
  const std::vector<Input> inputs = make_inputs(split, data, *tokenizer_, {.max_length = 16});
  interrupt::request_stop(SIGTERM);
  EXPECT_THROW((void)predict(model, inputs, split, data, {.segments = false}), Interrupted);
  interrupt::clear();
}

}  // namespace
}  // namespace cram::finetune
