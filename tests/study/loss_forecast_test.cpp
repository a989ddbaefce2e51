#include "cram/study/loss_forecast.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"

#include "study/synthetic_runs.h"

namespace cram::study {
namespace {

double width(const Interval& interval) { return interval.high - interval.low; }

TEST(LossForecast, OfExactRunsIsTheTruth) {
  const LossForecast forecast(test::synthetic_runs(0, 0), 50);
  const Interval loss = forecast.loss(1e7, 1e8);
  EXPECT_NEAR(loss.expected, test::true_loss(1e7, 1e8), 1e-3);
  EXPECT_NEAR(width(loss), 0, 0.01);
  EXPECT_LT(forecast.noise(), 1e-4);
}

TEST(LossForecast, TellsTheNoiseOfARun) {
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    sum += LossForecast(test::synthetic_runs(0.01, seed), 1).noise();
  }
  EXPECT_NEAR(sum / 20, 0.01, 0.002);
}

// Of a run of the same kind that was not among those it comes from.
TEST(LossForecast, HoldsANewRunInAboutNineCasesOfTen) {
  constexpr int kCases = 100;
  constexpr double kNoise = 0.01;
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  int inside = 0, outside = 0;
  for (std::uint64_t seed = 1; seed <= kCases; ++seed) {
    const LossForecast forecast(test::synthetic_runs(kNoise, seed), 60);
    const auto holds = [&](double parameters, double tokens) {
      const Interval loss = forecast.loss(parameters, tokens);
      const double run = test::true_loss(parameters, tokens) * std::exp(kNoise * normal(random));
      return loss.low <= run && run <= loss.high;
    };
    inside += holds(3e6, 6e6) ? 1 : 0;
    outside += holds(1e7, 6e7) ? 1 : 0;
  }
  // Three standard errors below what it promises, at most.
  EXPECT_GE(inside, 81);
  EXPECT_GE(outside, 81);
  EXPECT_LT(inside + outside, 2 * kCases) << "whatever holds all runs says nothing";
}

TEST(LossForecast, IsLessSureFartherAway) {
  const LossForecast forecast(test::synthetic_runs(0.01, 2), 200);
  const double here = width(forecast.loss(3e6, 6e6)), far = width(forecast.loss(3e6, 6e7)),
               farther = width(forecast.loss(3e7, 6e8));
  EXPECT_LT(1.5 * here, far);
  EXPECT_LT(far, farther);
}

TEST(LossForecast, IsLessSureOfNoisierRuns) {
  EXPECT_LT(2 * width(LossForecast(test::synthetic_runs(0.003, 2), 200).loss(3e6, 6e7)),
            width(LossForecast(test::synthetic_runs(0.02, 2), 200).loss(3e6, 6e7)));
}

TEST(LossForecast, ComparesModelsUnderTheSameLaws) {
  const LossForecast forecast(test::synthetic_runs(0.02, 4), 100);
  const auto small = forecast.resampled(1e6, 1e7), large = forecast.resampled(2e6, 1e7);
  ASSERT_EQ(small.size(), 100U);
  for (std::size_t i = 0; i < small.size(); ++i) EXPECT_GT(small[i], large[i]);
}

TEST(LossForecast, IsTheSameEveryTime) {
  const auto points = test::synthetic_runs(0.01, 5);
  EXPECT_EQ(LossForecast(points, 20).loss(1e7, 1e8).high,
            LossForecast(points, 20).loss(1e7, 1e8).high);
  EXPECT_NE(LossForecast(points, 20, 1).loss(1e7, 1e8).high,
            LossForecast(points, 20, 2).loss(1e7, 1e8).high);
}

TEST(LossForecast, NeedsRuns) { EXPECT_THROW(LossForecast({}, 10), Error); }

}  // namespace
}  // namespace cram::study
