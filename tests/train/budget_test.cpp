#include "cram/train/budget.h"

#include <gtest/gtest.h>

namespace cram::train {
namespace {

recipe::Budget of_time(double seconds) {
  recipe::Budget budget;
  budget.time = Seconds(seconds);
  return budget;
}

TEST(BudgetMeter, MeasuresInTheUnitOfTheRecipe) {
  const Position position{5, 40, 640, Seconds(25)};
  EXPECT_EQ(BudgetMeter(of_time(100)).share(position), 0.25);
  recipe::Budget steps;
  steps.steps = 10;
  EXPECT_EQ(BudgetMeter(steps).share(position), 0.5);
  recipe::Budget tokens;
  tokens.tokens = 6400;
  EXPECT_EQ(BudgetMeter(tokens).share(position), 0.1);
}

TEST(BudgetMeter, NeverGoesBeyondTheWhole) {
  const BudgetMeter meter(of_time(10));
  EXPECT_EQ(meter.share({0, 0, 0, Seconds(11)}), 1);
  EXPECT_TRUE(meter.exhausted({0, 0, 0, Seconds(10)}));
  EXPECT_FALSE(meter.exhausted({0, 0, 0, Seconds(9.999)}));
  EXPECT_EQ(meter.left({0, 0, 0, Seconds(11)}), Seconds(0));
}

TEST(BudgetMeter, EstimatesTheTimeLeftFromThePace) {
  recipe::Budget steps;
  steps.steps = 10;
  EXPECT_EQ(BudgetMeter(steps).left({4, 0, 0, Seconds(20)}), Seconds(30));
  EXPECT_EQ(BudgetMeter(steps).left({0, 0, 0, Seconds(0)}), Seconds(0));
}

TEST(TrainingTimer, StandsStillWhilePaused) {
  ManualClock clock;
  TrainingTimer timer(clock, Seconds(7));
  clock.advance(Seconds(100));
  EXPECT_EQ(timer.spent(), Seconds(7));
  timer.start();
  clock.advance(Seconds(3));
  EXPECT_EQ(timer.spent(), Seconds(10));
  timer.pause();
  clock.advance(Seconds(50));
  EXPECT_EQ(timer.spent(), Seconds(10));
  timer.start();
  clock.advance(Seconds(1));
  EXPECT_EQ(timer.spent(), Seconds(11));
}

}  // namespace
}  // namespace cram::train
