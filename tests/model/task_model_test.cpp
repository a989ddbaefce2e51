#include "cram/model/task_model.h"

#include <map>

#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include "cram/model/masked_lm.h"

#include "models.h"

namespace cram::model {
namespace {

constexpr Shape kShape{16, 50};

struct Case {
  std::string name;
  recipe::Model model;
};

std::vector<Case> cases() {
  std::vector<Case> list = {{"CrammedBert", test::small(test::crammed_bert())},
                            {"OriginalBert", test::small(test::original_bert())}};
  Case rotary{"Rotary", test::small(test::crammed_bert())};
  rotary.model.positions = recipe::Positions::kRotary;
  list.push_back(rotary);
  return list;
}

EncoderInput padded_batch() {
  at::manual_seed(3);
  return {.ids = at::randint(kShape.vocab_size, {3, 10}, at::kLong),
          .lengths = at::tensor({10L, 4L, 7L}, at::kLong)};
}

std::map<std::string, at::Tensor> by_name(const ops::WeightList& weights) {
  std::map<std::string, at::Tensor> named;
  for (const auto& weight : weights) named[weight->name] = weight->master.detach();
  return named;
}

// The sequence head by hand.
at::Tensor head_of(const TaskModel& model, const at::Tensor& pooled) {
  const auto weights = by_name(model.weights());
  const at::Tensor inner = at::tanh(
      at::linear(pooled, weights.at("task.pooler.weight"), weights.at("task.pooler.bias")));
  return at::linear(inner, weights.at("task.classifier.weight"),
                    weights.at("task.classifier.bias"));
}

class TaskModelTest : public testing::TestWithParam<Case> {
 protected:
  [[nodiscard]] TaskModel make(const TaskHead& head) const {
    return {GetParam().model, kShape, head, {}, 7};
  }
};

TEST_P(TaskModelTest, HasTheEncoderOfAMaskedLanguageModel) {
  const MaskedLanguageModel pretrained(GetParam().model, kShape, {}, 7);
  const TaskModel model = make({});
  const auto theirs = by_name(pretrained.weights());
  std::size_t shared = 0;
  for (const auto& [name, weight] : by_name(model.weights())) {
    if (name.starts_with(TaskModel::kHeadPrefix)) continue;
    EXPECT_TRUE(at::equal(weight, theirs.at(name))) << name;
    ++shared;
  }
  EXPECT_GT(shared, 4u);
}

TEST_P(TaskModelTest, PoolsTheFirstToken) {
  const MaskedLanguageModel pretrained(GetParam().model, kShape, {}, 7);
  const TaskModel model = make({.size = 3, .inner_size = 5});
  const at::Tensor ids = at::randint(kShape.vocab_size, {3, 10}, at::kLong);
  const at::Tensor first = pretrained.encode(ids, Mode::kEvaluation).select(1, 0);
  EXPECT_TRUE(
      at::allclose(model.logits({ids}, Mode::kEvaluation), head_of(model, first), 1e-5, 1e-6));
}

TEST_P(TaskModelTest, PoolsTheMeanOfTheTokens) {
  const MaskedLanguageModel pretrained(GetParam().model, kShape, {}, 7);
  const TaskModel model = make({.size = 1, .pooling = recipe::Pooling::kMean});
  const at::Tensor ids = at::randint(kShape.vocab_size, {3, 10}, at::kLong);
  const at::Tensor mean = pretrained.encode(ids, Mode::kEvaluation).mean(1);
  EXPECT_TRUE(
      at::allclose(model.logits({ids}, Mode::kEvaluation), head_of(model, mean), 1e-5, 1e-6));
}

TEST_P(TaskModelTest, SaysOfAPaddedSequenceWhatItSaysOfItAlone) {
  for (const auto pooling : {recipe::Pooling::kFirstToken, recipe::Pooling::kMean}) {
    const TaskModel model = make({.size = 3, .pooling = pooling});
    const EncoderInput batch = padded_batch();
    const at::Tensor together = model.logits(batch, Mode::kEvaluation);
    for (std::int64_t i = 0; i < 3; ++i) {
      const at::Tensor alone =
          batch.ids.narrow(0, i, 1).narrow(1, 0, batch.lengths[i].item<std::int64_t>());
      EXPECT_TRUE(
          at::allclose(together[i], model.logits({alone}, Mode::kEvaluation)[0], 1e-4, 1e-6))
          << "sequence " << i;
    }
  }
}

TEST_P(TaskModelTest, GivesNumbersForEachToken) {
  const TaskModel model = make({.outputs = Outputs::kOfTokens, .size = 4});
  const EncoderInput batch = padded_batch();
  const at::Tensor together = model.logits(batch, Mode::kEvaluation);
  ASSERT_EQ(together.sizes(), (std::vector<std::int64_t>{3, 10, 4}));
  const at::Tensor alone =
      model.logits({batch.ids.narrow(0, 1, 1).narrow(1, 0, 4)}, Mode::kEvaluation);
  EXPECT_TRUE(at::allclose(together[1].narrow(0, 0, 4), alone[0], 1e-4, 1e-6));
}

TEST_P(TaskModelTest, MovesEveryWeightButUnusedRows) {
  const TaskModel model = make({.size = 2});
  EncoderInput batch = padded_batch();
  if (GetParam().model.segments > 1) batch.segments = batch.ids.remainder(2);
  model.logits(batch, Mode::kTraining).square().sum().backward();
  for (const auto& weight : model.weights()) {
    EXPECT_GT(weight->grad.abs().sum().item<double>(), 0) << weight->name;
  }
}

TEST(TaskModel, TellsSegmentsApart) {
  const TaskModel model(test::small(test::original_bert()), kShape, {}, {}, 7);
  EncoderInput batch = padded_batch();
  const at::Tensor before = model.logits(batch, Mode::kEvaluation);
  batch.segments = at::zeros_like(batch.ids);
  EXPECT_TRUE(at::equal(model.logits(batch, Mode::kEvaluation), before));
  batch.segments.narrow(1, 2, 2).fill_(1);
  EXPECT_FALSE(at::allclose(model.logits(batch, Mode::kEvaluation), before));
}

TEST(TaskModel, DropsOutInTrainingOnly) {
  const TaskModel model(test::small(test::crammed_bert()), kShape, {.dropout = 0.5}, {}, 7);
  const EncoderInput batch = padded_batch();
  EXPECT_TRUE(
      at::equal(model.logits(batch, Mode::kEvaluation), model.logits(batch, Mode::kEvaluation)));
  EXPECT_FALSE(
      at::allclose(model.logits(batch, Mode::kTraining), model.logits(batch, Mode::kTraining)));
}

TEST(TaskModel, GivesScoresInFullPrecisionFromAShortType) {
  const Placement placement{at::kCPU, at::kBFloat16};
  const TaskModel model(test::small(test::crammed_bert()), kShape, {.size = 1}, placement, 7);
  EXPECT_EQ(model.logits(padded_batch(), Mode::kEvaluation).scalar_type(), at::kFloat);
}

INSTANTIATE_TEST_SUITE_P(Recipes, TaskModelTest, testing::ValuesIn(cases()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace cram::model
