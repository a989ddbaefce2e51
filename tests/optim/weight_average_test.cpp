#include "cram/optim/weight_average.h"

#include <gtest/gtest.h>

#include "cram/base/error.h"

#include "small_model.h"

namespace cram::optim {
namespace {

using recipe::AveragingType;

// Moves the weights to made-up places, which depend on the update only.
void move(const ops::WeightList& weights, int update) {
  unsigned seed = 100U * static_cast<unsigned>(update + 1);
  for (const auto& weight : weights) {
    weight->master.copy_(normal(weight->master.sizes().vec(), ++seed));
  }
  ops::refresh_compute_copies(weights);
}

// The masters while the average is in their place.
NamedTensors averages(const WeightAverage& average, const ops::WeightList& weights) {
  const WeightAverage::Placed placed(average);
  return copies(masters(weights));
}

TEST(WeightAverage, IsTheExponentialMovingAverageOnceItIsLongerThanItsMemory) {
  const auto weights = small_model();
  WeightAverage average({.type = AveragingType::kEma, .decay = 0.75}, weights);
  std::vector<at::Tensor> expected;
  for (int update = 0; update < 12; ++update) {
    move(weights, update);
    average.take(update / 12.0, (update + 1) / 12.0);
    // The mean of the first four, then each new one by a quarter.
    const double keep = update < 4 ? update / (update + 1.0) : 0.75;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const at::Tensor now = weights[i]->master.to(at::kDouble).mul(1 - keep);
      if (update == 0) expected.push_back(now);
      if (update > 0) expected[i] = expected[i].mul(keep).add(now);
    }
    const auto found = averages(average, weights);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      EXPECT_LT(largest_difference(found[i].second, expected[i]), 1e-6) << update;
    }
  }
}

TEST(WeightAverage, IsTheMeanOfTheLatestSnapshots) {
  const auto weights = small_model();
  WeightAverage average({.type = AveragingType::kLatest, .count = 3, .every = 0.2}, weights);
  std::vector<NamedTensors> snapshots;
  for (int update = 0; update < 20; ++update) {
    move(weights, update);
    average.take(update / 20.0, (update + 1) / 20.0);
    // After each fifth of the budget, which is four updates.
    if ((update + 1) % 4 == 0) snapshots.push_back(copies(masters(weights)));
    EXPECT_EQ(average.empty(), snapshots.empty());
    if (snapshots.empty()) continue;
    const auto found = averages(average, weights);
    const std::size_t first = snapshots.size() < 3 ? 0 : snapshots.size() - 3;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      at::Tensor sum = snapshots[first][i].second.to(at::kDouble);
      for (std::size_t s = first + 1; s < snapshots.size(); ++s) {
        sum = sum.add(snapshots[s][i].second);
      }
      const auto expected = sum.div(static_cast<double>(snapshots.size() - first));
      EXPECT_LT(largest_difference(found[i].second, expected), 1e-6) << update;
    }
  }
  EXPECT_EQ(snapshots.size(), 5U);
}

TEST(WeightAverage, GivesTheWeightsBackToTheByte) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    const auto weights = small_model(type);
    WeightAverage average({.type = AveragingType::kEma}, weights);
    move(weights, 0);
    average.take(0, 0.5);
    move(weights, 1);
    average.take(0.5, 1);
    const auto before = copies(masters(weights));
    {
      const WeightAverage::Placed placed(average);
      for (std::size_t i = 0; i < weights.size(); ++i) {
        const ops::Weight& weight = *weights[i];
        EXPECT_FALSE(same_bytes(weight.master, before[i].second)) << weight.name;
        EXPECT_TRUE(same_bytes(weight.compute.detach(), weight.master.to(type))) << weight.name;
      }
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const ops::Weight& weight = *weights[i];
      EXPECT_TRUE(same_bytes(weight.master, before[i].second)) << weight.name;
      EXPECT_TRUE(same_bytes(weight.compute.detach(), weight.master.to(type))) << weight.name;
    }
  }
}

TEST(WeightAverage, ContinuesToTheByteFromRestoredState) {
  const std::vector<recipe::Averaging> all = {
      {.type = AveragingType::kEma, .decay = 0.6},
      {.type = AveragingType::kLatest, .count = 3, .every = 0.1}};
  for (const recipe::Averaging& options : all) {
    const auto weights = small_model();
    WeightAverage whole(options, weights), rest(options, weights);
    const auto run = [&](WeightAverage& average, int from, int to) {
      for (int update = from; update < to; ++update) {
        move(weights, update);
        average.take(update / 10.0, (update + 1) / 10.0);
      }
    };
    run(whole, 0, 4);
    const auto saved = whole.state();
    auto live = rest.state();
    for (std::size_t i = 0; i < live.size(); ++i) {
      ASSERT_EQ(live[i].first, saved[i].first);
      live[i].second.copy_(saved[i].second);
    }
    run(whole, 4, 10);
    run(rest, 4, 10);
    const auto expected = whole.state(), found = rest.state();
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_TRUE(same_bytes(found[i].second, expected[i].second)) << found[i].first;
    }
  }
}

TEST(WeightAverage, HasNothingToPlaceAtFirst) {
  const auto weights = small_model();
  const WeightAverage average({.type = AveragingType::kEma}, weights);
  EXPECT_TRUE(average.empty());
  EXPECT_THROW(WeightAverage::Placed placed(average), Error);
}

}  // namespace
}  // namespace cram::optim
