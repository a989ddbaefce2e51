#include "cram/train/graph_trial.h"

#include <limits>

#include <gmock/gmock.h>

#include <c10/util/Exception.h>

#include "cram/train/setup.h"

#include "kept_graph.h"
#include "small_run.h"

namespace cram::train {
namespace {

using test::keep_work;
using test::Session;
using test::SmallRun;
using testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

GraphTrial trial_of(double error, double milliseconds, double plain_milliseconds) {
  return {"", error, 0, milliseconds, plain_milliseconds};
}

TEST(GraphTrial, TakesWhatIsRightAndFaster) {
  EXPECT_TRUE(trial_of(1e-6, 1, 2).used());
  EXPECT_FALSE(trial_of(1e-6, 1, 1.02).used());
  EXPECT_FALSE(trial_of(0.1, 1, 2).used());
  EXPECT_FALSE(trial_of(kInfinity, 1, 2).used());
  EXPECT_FALSE((GraphTrial{"", kInfinity, kInfinity, 1, 2}).used());
}

TEST(GraphTrial, AllowsForSumsThatDifferFromPassToPass) {
  EXPECT_TRUE((GraphTrial{"", 0.05, 0.02, 1, 2}).right());
  EXPECT_FALSE((GraphTrial{"", 0.05, 0.002, 1, 2}).right());
}

TEST(GraphTrial, SaysWhatWasChosenAndWhy) {
  EXPECT_EQ(to_text(trial_of(0, 1, 2)), "launched as a graph, 2.00 times as fast");
  EXPECT_EQ(to_text(trial_of(0, 1, 1)),
            "launched operation by operation, a graph is 1.00 times as fast");
  EXPECT_THAT(to_text(trial_of(0.1, 1, 2)), HasSubstr("a graph is wrong here"));
  EXPECT_EQ(to_text(GraphTrial{.skipped = "no room"}), "launched operation by operation, no room");
}

class TryGraph : public testing::Test {
 protected:
  TryGraph() : session_(run_.recipe(), run_.folder / "checkpoints") {}

  [[nodiscard]] GraphTrial trial(const Capture& capture) const {
    return try_graph(*session_.engine.model, synthetic_batch(session_.engine, session_.recipe, 4),
                     0, capture);
  }

  // The gradient of the first weight, times `factor` after each launch.
  [[nodiscard]] Capture spoilt(double factor) const {
    return [this, factor](const std::function<void()>& work) {
      return keep_work([this, factor, work] {
        work();
        session_.engine.model->weights().front()->grad.mul_(factor);
      });
    };
  }

  SmallRun run_;
  Session session_;
};

TEST_F(TryGraph, FindsTheSameGradientsRight) {
  const GraphTrial found = trial([](const std::function<void()>& work) { return keep_work(work); });
  EXPECT_EQ(found.skipped, "");
  EXPECT_EQ(found.error, 0);
  EXPECT_TRUE(found.right());
  EXPECT_GT(found.milliseconds, 0);
  for (const ops::WeightPtr& weight : session_.engine.model->weights()) {
    EXPECT_EQ(weight->grad.count_nonzero().item<std::int64_t>(), 0) << weight->name;
  }
}

TEST_F(TryGraph, FindsOtherGradientsWrong) {
  EXPECT_NEAR(trial(spoilt(1.5)).error, 0.5, 1e-6);
  EXPECT_EQ(trial(spoilt(std::numeric_limits<double>::quiet_NaN())).error, kInfinity);
}

TEST_F(TryGraph, SaysWhereMemoryIsShort) {
  const Capture without_memory = [](const std::function<void()>&) -> std::unique_ptr<cuda::Graph> {
    TORCH_CHECK_WITH(OutOfMemoryError, false, "none left");
  };
  EXPECT_THAT(trial(without_memory).skipped, HasSubstr("memory"));
}

}  // namespace
}  // namespace cram::train
