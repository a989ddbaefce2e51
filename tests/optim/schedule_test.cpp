#include "cram/optim/schedule.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cram/base/error.h"

namespace cram::optim {
namespace {

using recipe::Schedule;
using recipe::ScheduleShape;

struct Point {
  double spent, factor;
};

void expect_points(const Schedule& schedule, const std::vector<Point>& points) {
  for (const Point& point : points) {
    EXPECT_NEAR(learning_rate_factor(schedule, point.spent), point.factor, 1e-12)
        << "at " << point.spent;
  }
}

// Every shape with settings that people use.
std::vector<Schedule> all_schedules() {
  return {
      {.shape = ScheduleShape::kTriangle},
      {.shape = ScheduleShape::kTriangle, .start = 0.0, .peak_at = 0.5},
      {.shape = ScheduleShape::kOneCycle},
      {.shape = ScheduleShape::kLinear},
      {.shape = ScheduleShape::kLinear, .warmup = 0.06},
      {.shape = ScheduleShape::kCosine, .warmup = 0.1},
      {.shape = ScheduleShape::kConstant, .warmup = 0.05, .cooldown = 0.3},
      {.shape = ScheduleShape::kInverseSqrt, .warmup = 0.02, .cooldown = 0.1},
  };
}

TEST(LearningRate, TriangleIsThePapersBudgetTriangle2) {
  // min(0.25 + x, 4 - 4x)
  expect_points(
      {.shape = ScheduleShape::kTriangle},
      {{0.0, 0.25}, {0.1, 0.35}, {0.5, 0.75}, {0.75, 1.0}, {0.8, 0.8}, {0.9, 0.4}, {1.0, 0.0}});
  // triangle1 of the same code: min(0.5 + x * 0.5 / 0.75, 4 - 4x)
  expect_points({.shape = ScheduleShape::kTriangle, .start = 0.5},
                {{0.0, 0.5}, {0.3, 0.7}, {0.6, 0.9}, {0.75, 1.0}, {0.875, 0.5}});
}

TEST(LearningRate, TriangleMayPeakAtEitherEnd) {
  expect_points({.shape = ScheduleShape::kTriangle, .start = 0.5, .peak_at = 0.0},
                {{0.0, 1.0}, {0.25, 0.75}, {1.0, 0.0}});
  expect_points({.shape = ScheduleShape::kTriangle, .start = 0.5, .peak_at = 1.0},
                {{0.0, 0.5}, {0.5, 0.75}, {1.0, 0.0}});
}

TEST(LearningRate, OneCycleRisesAndFallsLinearly) {
  expect_points({.shape = ScheduleShape::kOneCycle},
                {{0.0, 0.0}, {0.125, 0.25}, {0.5, 1.0}, {0.75, 0.5}, {1.0, 0.0}});
}

TEST(LearningRate, LinearFallsAfterTheWarmup) {
  expect_points({.shape = ScheduleShape::kLinear}, {{0.0, 1.0}, {0.4, 0.6}, {1.0, 0.0}});
  expect_points({.shape = ScheduleShape::kLinear, .warmup = 0.2},
                {{0.0, 0.0}, {0.1, 0.5}, {0.2, 1.0}, {0.6, 0.5}, {1.0, 0.0}});
}

TEST(LearningRate, CosineFallsAlongHalfAWave) {
  expect_points({.shape = ScheduleShape::kCosine},
                {{0.0, 1.0}, {1.0 / 3.0, 0.75}, {0.5, 0.5}, {2.0 / 3.0, 0.25}, {1.0, 0.0}});
  expect_points({.shape = ScheduleShape::kCosine, .warmup = 0.1},
                {{0.05, 0.5}, {0.1, 1.0}, {0.4, 0.75}, {0.55, 0.5}, {0.7, 0.25}});
}

TEST(LearningRate, ConstantIsATrapezoidWithWarmupAndCooldown) {
  expect_points({.shape = ScheduleShape::kConstant}, {{0.0, 1.0}, {0.5, 1.0}, {1.0, 1.0}});
  expect_points({.shape = ScheduleShape::kConstant, .warmup = 0.1, .cooldown = 0.4},
                {{0.0, 0.0}, {0.025, 0.25}, {0.1, 1.0}, {0.6, 1.0}, {0.7, 0.75}, {1.0, 0.0}});
}

TEST(LearningRate, InverseSqrtFallsWithTheRootOfTheBudget) {
  expect_points({.shape = ScheduleShape::kInverseSqrt, .warmup = 0.04},
                {{0.0, 0.0}, {0.01, 0.25}, {0.04, 1.0}, {0.16, 0.5}, {0.64, 0.25}, {1.0, 0.2}});
  // From the root's value at the start of the cool-down, sqrt(0.04 / 0.64), to 0.
  expect_points({.shape = ScheduleShape::kInverseSqrt, .warmup = 0.04, .cooldown = 0.36},
                {{0.64, 0.25}, {0.82, 0.125}, {1.0, 0.0}});
}

TEST(LearningRate, InverseSqrtNeedsAWarmup) {
  EXPECT_THROW((void)learning_rate_factor({.shape = ScheduleShape::kInverseSqrt}, 0.5), Error);
}

TEST(LearningRate, StaysWithinZeroAndOneAndEndsAtZero) {
  for (const Schedule& schedule : all_schedules()) {
    SCOPED_TRACE(static_cast<int>(schedule.shape));
    for (int i = 0; i <= 1000; ++i) {
      const double factor = learning_rate_factor(schedule, i / 1000.0);
      EXPECT_GE(factor, 0.0) << i;
      EXPECT_LE(factor, 1.0 + 1e-12) << i;
    }
    EXPECT_EQ(learning_rate_factor(schedule, 1.0), 0.0);
    EXPECT_EQ(learning_rate_factor(schedule, 1.5), 0.0) << "past the end of the budget";
    EXPECT_EQ(learning_rate_factor(schedule, -0.5), learning_rate_factor(schedule, 0.0));
  }
}

TEST(LearningRate, RisesOnceThenFallsWithoutJumps) {
  for (const Schedule& schedule : all_schedules()) {
    SCOPED_TRACE(static_cast<int>(schedule.shape));
    bool falling = false;
    double last = learning_rate_factor(schedule, 0.0);
    for (int i = 1; i <= 20'000; ++i) {
      const double factor = learning_rate_factor(schedule, i / 20'000.0);
      if (factor < last - 1e-12) falling = true;
      if (falling) {
        EXPECT_LE(factor, last + 1e-12) << i;
      }
      EXPECT_NEAR(factor, last, 0.003) << "a jump at " << i;
      last = factor;
    }
  }
}

recipe::Batch batch_of(std::int64_t size, double ramp = 0.0) {
  recipe::Batch batch;
  batch.size = size;
  batch.ramp = ramp;
  return batch;
}

TEST(SequenceLength, DoublesInEqualPartsOfItsGrowth) {
  recipe::Sequence sequence{.length = 128, .start_length = 16, .growth = 0.3};
  for (const auto& [spent, length] : std::vector<std::pair<double, std::int64_t>>{{0, 16},
                                                                                  {0.0999, 16},
                                                                                  {0.1001, 32},
                                                                                  {0.1999, 32},
                                                                                  {0.2001, 64},
                                                                                  {0.2999, 64},
                                                                                  {0.3, 128},
                                                                                  {1, 128}}) {
    EXPECT_EQ(sequence_length(sequence, spent), length) << spent;
  }
  sequence.start_length = 128;
  EXPECT_EQ(sequence_length(sequence, 0), 128);
  sequence.start_length.reset();
  EXPECT_EQ(sequence_length(sequence, 0), 128);
}

TEST(BatchSize, RampsAsThePapersCode) {
  const recipe::Batch batch = batch_of(8192, 0.6);
  EXPECT_EQ(batch_size(batch, 96, 0.0), 96);
  EXPECT_EQ(batch_size(batch, 128, 0.0), 128);
  EXPECT_EQ(batch_size(batch, 128, 0.15), 2176);  // floor(2048 / 128) + 1 = 17 passes
  EXPECT_EQ(batch_size(batch, 128, 0.30), 4224);  // floor(4096 / 128) + 1 = 33
  EXPECT_EQ(batch_size(batch, 128, 0.45), 6272);  // floor(6144 / 128) + 1 = 49
  EXPECT_EQ(batch_size(batch, 128, 0.5999), 8192);
  EXPECT_EQ(batch_size(batch, 128, 0.6), 8192);
  EXPECT_EQ(batch_size(batch, 128, 1.0), 8192);
}

TEST(BatchSize, IsTheSizeWithoutRampRoundedToWholePasses) {
  EXPECT_EQ(batch_size(batch_of(512), 64, 0.0), 512);
  EXPECT_EQ(batch_size(batch_of(100), 64, 0.3), 128);
  EXPECT_EQ(batch_size(batch_of(90), 64, 0.3), 64);
  EXPECT_EQ(batch_size(batch_of(8), 64, 0.3), 64) << "at least one pass";
}

TEST(BatchSize, GrowsInWholePassesAndNeverShrinks) {
  for (const std::int64_t micro : {1, 7, 96, 128, 8192, 10'000}) {
    const recipe::Batch batch = batch_of(8192, 0.6);
    std::int64_t last = 0;
    for (int i = 0; i <= 1000; ++i) {
      const std::int64_t size = batch_size(batch, micro, i / 1000.0);
      EXPECT_EQ(size % micro, 0);
      EXPECT_GE(size, last);
      last = size;
    }
    EXPECT_EQ(last, batch_size(batch_of(8192), micro, 0.0));
  }
}

TEST(BatchSize, RefusesAnEmptyMicroBatch) { EXPECT_THROW((void)batch_size({}, 0, 0.5), Error); }

TEST(MaskingRate, FallsLinearlyWhenAnEndIsSet) {
  recipe::Objective falling;
  falling.masking_rate = 0.30;
  EXPECT_EQ(masking_rate(falling, 0.7), 0.30);
  falling.masking_rate_end = 0.15;
  EXPECT_DOUBLE_EQ(masking_rate(falling, 0.0), 0.30);
  EXPECT_DOUBLE_EQ(masking_rate(falling, 1.0 / 3.0), 0.25);
  EXPECT_DOUBLE_EQ(masking_rate(falling, 0.5), 0.225);
  EXPECT_DOUBLE_EQ(masking_rate(falling, 1.0), 0.15);
  EXPECT_DOUBLE_EQ(masking_rate(falling, 2.0), 0.15);
}

TEST(MuonMomentum, RisesLinearlyWhenAStartIsSet) {
  recipe::Optimizer optimizer;
  optimizer.muon_momentum = 0.95;
  optimizer.muon_momentum_warmup = 0.2;
  EXPECT_EQ(muon_momentum(optimizer, 0.1), 0.95);
  optimizer.muon_momentum_start = 0.85;
  EXPECT_DOUBLE_EQ(muon_momentum(optimizer, 0.0), 0.85);
  EXPECT_DOUBLE_EQ(muon_momentum(optimizer, 0.05), 0.875);
  EXPECT_DOUBLE_EQ(muon_momentum(optimizer, 0.2), 0.95);
  EXPECT_DOUBLE_EQ(muon_momentum(optimizer, 1.0), 0.95);
  optimizer.muon_momentum_warmup = 0.0;
  EXPECT_EQ(muon_momentum(optimizer, 0.0), 0.95);
}

}  // namespace
}  // namespace cram::optim
