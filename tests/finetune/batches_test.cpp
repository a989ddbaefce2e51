#include "cram/finetune/batches.h"

#include <algorithm>

#include <gmock/gmock.h>

#include <ATen/ATen.h>

#include "cram/base/random.h"

namespace cram::finetune {
namespace {

std::vector<Input> inputs_of_lengths(const std::vector<std::int64_t>& lengths) {
  std::vector<Input> inputs;
  for (const std::int64_t length : lengths) {
    Input input;
    input.ids.assign(static_cast<std::size_t>(length), 7);
    input.second = length;
    input.target = static_cast<double>(inputs.size());
    inputs.push_back(input);
  }
  return inputs;
}

std::vector<Input> random_inputs(std::size_t count) {
  Random random(1, RandomStream::kSample, 0);
  std::vector<std::int64_t> lengths;
  for (std::size_t i = 0; i < count; ++i) lengths.push_back(3 + random.below(60));
  return inputs_of_lengths(lengths);
}

std::vector<std::int64_t> sorted_rows(const std::vector<Rows>& batches) {
  std::vector<std::int64_t> rows;
  for (const Rows& batch : batches) rows.insert(rows.end(), batch.begin(), batch.end());
  std::sort(rows.begin(), rows.end());
  return rows;
}

double padding_share(const std::vector<Input>& inputs, const std::vector<Rows>& batches) {
  double tokens = 0, places = 0;
  for (const Rows& rows : batches) {
    std::int64_t longest = 0;
    for (const auto row : rows) {
      tokens += static_cast<double>(inputs[static_cast<std::size_t>(row)].length());
      longest = std::max(longest, inputs[static_cast<std::size_t>(row)].length());
    }
    places += static_cast<double>(longest) * static_cast<double>(rows.size());
  }
  return 1 - tokens / places;
}

TEST(PlanEpoch, ShowsEveryInputOnce) {
  const std::vector<Input> inputs = random_inputs(1003);
  const std::vector<Rows> plan = plan_epoch(inputs, 16, 3, 0);
  EXPECT_EQ(plan.size(), 63u);
  const std::vector<std::int64_t> rows = sorted_rows(plan);
  ASSERT_EQ(rows.size(), inputs.size());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i], static_cast<std::int64_t>(i));
}

TEST(PlanEpoch, IsAFunctionOfSeedAndEpoch) {
  const std::vector<Input> inputs = random_inputs(200);
  EXPECT_EQ(plan_epoch(inputs, 16, 3, 1), plan_epoch(inputs, 16, 3, 1));
  EXPECT_NE(plan_epoch(inputs, 16, 3, 1), plan_epoch(inputs, 16, 3, 2));
  EXPECT_NE(plan_epoch(inputs, 16, 3, 1), plan_epoch(inputs, 16, 4, 1));
}

TEST(PlanEpoch, LeavesLittlePadding) {
  const std::vector<Input> inputs = random_inputs(1600);
  EXPECT_LT(padding_share(inputs, plan_epoch(inputs, 16, 3, 0)), 0.03);
}

// Sorting must not make the order predictable: long batches come anywhere in an epoch.
TEST(PlanEpoch, MixesTheLengthsOverTheEpoch) {
  const std::vector<Input> inputs = random_inputs(1600);
  const std::vector<Rows> plan = plan_epoch(inputs, 16, 3, 0);
  double first_half = 0, all = 0;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const auto length =
        static_cast<double>(inputs[static_cast<std::size_t>(plan[i].front())].length());
    all += length;
    if (i < plan.size() / 2) first_half += length;
  }
  EXPECT_NEAR(first_half / all, 0.5, 0.1);
}

TEST(PlanByLength, BeginsWithTheLongest) {
  const std::vector<Input> inputs = inputs_of_lengths({4, 9, 5, 7, 6});
  EXPECT_THAT(plan_by_length(inputs, 2), testing::ElementsAre(Rows{1, 3}, Rows{4, 2}, Rows{0}));
}

TEST(PlanEpoch, HasNoBatchesWithoutInputs) {
  EXPECT_TRUE(plan_epoch({}, 16, 0, 0).empty());
  EXPECT_TRUE(plan_by_length({}, 16).empty());
}

TEST(MakeBatch, PadsToTheLongestInput) {
  const std::vector<Input> inputs = inputs_of_lengths({3, 5, 9});
  const Rows rows = {0, 1};
  const TaskBatch batch = make_batch(inputs, rows, glue::Problem::kClassification, false, at::kCPU);
  EXPECT_EQ(batch.input.ids.sizes(), (std::vector<std::int64_t>{2, 5}));
  EXPECT_TRUE(at::equal(batch.input.lengths, at::tensor({3L, 5L}, at::kLong)));
  EXPECT_TRUE(at::equal(batch.targets, at::tensor({0L, 1L}, at::kLong)));
  EXPECT_FALSE(batch.input.segments.defined());
  EXPECT_EQ(batch.tokens, 8);
}

TEST(MakeBatch, WeighsRowsOrLabelledTokens) {
  std::vector<Input> inputs = inputs_of_lengths({3, 4, 5});
  inputs[0].labels = {kNoLabel, 0, kNoLabel};
  inputs[1].labels = {kNoLabel, 1, 0, kNoLabel};
  inputs[2].labels = std::vector<std::int64_t>(5, kNoLabel);
  const auto weight = [&](const Rows& rows, glue::Problem problem) {
    return make_batch(inputs, rows, problem, false, at::kCPU).weight;
  };
  EXPECT_EQ(weight({0, 1, 2}, glue::Problem::kTokenLabels), 3);
  EXPECT_EQ(weight({2}, glue::Problem::kTokenLabels), 0);
  for (const auto problem :
       {glue::Problem::kClassification, glue::Problem::kRegression, glue::Problem::kSpan}) {
    EXPECT_EQ(weight({0, 2}, problem), 2);
  }
}

TEST(MakeBatch, TellsSegmentsApart) {
  std::vector<Input> inputs = inputs_of_lengths({3, 5});
  inputs[1].second = 2;
  const Rows rows = {0, 1};
  const TaskBatch batch = make_batch(inputs, rows, glue::Problem::kRegression, true, at::kCPU);
  EXPECT_TRUE(
      at::equal(batch.input.segments,
                at::tensor({0L, 0L, 0L, 0L, 0L, 0L, 0L, 1L, 1L, 1L}, at::kLong).view({2, 5})));
  EXPECT_EQ(batch.targets.scalar_type(), at::kFloat);
}

}  // namespace
}  // namespace cram::finetune
