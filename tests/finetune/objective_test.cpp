#include "cram/finetune/objective.h"

#include <cmath>

#include <gtest/gtest.h>

#include <ATen/ATen.h>

namespace cram::finetune {
namespace {

using glue::Problem;

TaskBatch batch_of(const at::Tensor& targets, const at::Tensor& lengths) {
  return {.input = {.ids = {}, .lengths = lengths}, .targets = targets};
}

TEST(TaskLoss, IsTheCrossEntropyOfClasses) {
  const at::Tensor logits = at::tensor({0.0f, 1.0f, 2.0f, 0.0f}).view({2, 2});
  const TaskBatch batch =
      batch_of(at::tensor({1L, 1L}, at::kLong), at::tensor({3L, 3L}, at::kLong));
  const double expected = (std::log1p(std::exp(-1.0)) + 2 + std::log1p(std::exp(-2.0))) / 2;
  EXPECT_NEAR(task_loss(logits, batch, Problem::kClassification).item<double>(), expected, 1e-6);
}

TEST(TaskLoss, IsTheMeanSquareOfScores) {
  const at::Tensor logits = at::tensor({1.0f, 4.0f}).view({2, 1});
  const TaskBatch batch = batch_of(at::tensor({0.0f, 2.0f}), at::tensor({3L, 3L}, at::kLong));
  EXPECT_NEAR(task_loss(logits, batch, Problem::kRegression).item<double>(), 2.5, 1e-6);
}

TEST(TaskLoss, PassesOverTokensWithoutLabel) {
  const at::Tensor logits = at::zeros({1, 3, 4});
  logits[0][0].fill_(100);
  logits[0][1][2] = 50;
  const TaskBatch batch = batch_of(at::tensor({kNoLabel, 2L, kNoLabel}, at::kLong).view({1, 3}),
                                   at::tensor({3L}, at::kLong));
  EXPECT_NEAR(task_loss(logits, batch, Problem::kTokenLabels).item<double>(), 0, 1e-6);
}

TEST(TaskLoss, IsTheMeanOverLabelledTokens) {
  const at::Tensor logits = at::zeros({2, 3, 4});
  const TaskBatch batch =
      batch_of(at::tensor({kNoLabel, 2L, 1L, kNoLabel, 3L, kNoLabel}, at::kLong).view({2, 3}),
               at::tensor({3L, 3L}, at::kLong));
  EXPECT_NEAR(task_loss(logits, batch, Problem::kTokenLabels).item<double>(), std::log(4.0), 1e-6);
}

TEST(TaskLoss, IsZeroWithoutAnyLabelledToken) {
  const at::Tensor logits = at::ones({1, 3, 4}).requires_grad_();
  const TaskBatch batch =
      batch_of(at::full({1, 3}, kNoLabel, at::kLong), at::tensor({3L}, at::kLong));
  const at::Tensor loss = task_loss(logits, batch, Problem::kTokenLabels);
  EXPECT_EQ(loss.item<double>(), 0);
  loss.backward();
  EXPECT_TRUE(at::equal(logits.grad(), at::zeros({1, 3, 4})));
}

TEST(TaskLoss, LetsNoPaddingBeAnAnswer) {
  const at::Tensor logits = at::zeros({1, 4, 2});
  logits[0][3].fill_(1000);  // padding
  const TaskBatch batch =
      batch_of(at::tensor({1L, 2L}, at::kLong).view({1, 2}), at::tensor({3L}, at::kLong));
  EXPECT_NEAR(task_loss(logits, batch, Problem::kSpan).item<double>(), std::log(3.0), 1e-5);
}

TEST(TaskHead, HasTheOutputsOfTheProblem) {
  glue::DataSet data;
  data.labels = {"a", "b", "c"};
  const recipe::FineTuning options{.pooling = recipe::Pooling::kMean, .head_size = 9};
  EXPECT_EQ(task_head(data, options).size, 3);
  EXPECT_EQ(task_head(data, options).outputs, model::Outputs::kOfSequence);
  EXPECT_EQ(task_head(data, options).inner_size, 9);
  EXPECT_EQ(task_head(data, options).pooling, recipe::Pooling::kMean);
  data.problem = Problem::kTokenLabels;
  EXPECT_EQ(task_head(data, options).size, 3);
  EXPECT_EQ(task_head(data, options).outputs, model::Outputs::kOfTokens);
  data.problem = Problem::kRegression;
  EXPECT_EQ(task_head(data, options).size, 1);
  data.problem = Problem::kSpan;
  EXPECT_EQ(task_head(data, options).size, 2);
}

}  // namespace
}  // namespace cram::finetune
