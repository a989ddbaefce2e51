#include "cram/corpus/progress.h"

#include <gtest/gtest.h>

namespace cram::corpus {
namespace {

TEST(ProgressMeter, TellsShareRateAndTimeLeft) {
  ManualClock clock;
  ProgressMeter meter("packing", 1000, clock, Seconds(10));
  clock.advance(Seconds(20));
  EXPECT_EQ(meter.update(250, 50'000'000), "packing   25 %  2.5 MB/s  01:00 left");
  clock.advance(Seconds(20));
  EXPECT_EQ(meter.update(1000, 80'000'000), "packing  100 %  2.0 MB/s  00:00 left");
}

TEST(ProgressMeter, SpeaksOnceAnInterval) {
  ManualClock clock;
  ProgressMeter meter("packing", 1000, clock, Seconds(10));
  EXPECT_FALSE(meter.update(1, 1));
  int lines = 0;
  for (int tenth = 0; tenth < 1000; ++tenth) {
    clock.advance(Seconds(0.1));
    lines += meter.update(500, 1).has_value();
  }
  EXPECT_GE(lines, 9);
  EXPECT_LE(lines, 10);
}

TEST(ProgressMeter, DoesNotGuessTheTimeLeftTooEarly) {
  ManualClock clock;
  ProgressMeter meter("packing", 1000, clock, Seconds(10));
  clock.advance(Seconds(10));
  EXPECT_EQ(meter.update(9, 1'000'000), "packing    1 %  0.1 MB/s");
}

TEST(ProgressMeter, JudgesTheTimeLeftByWhatWasDoneSinceTheStart) {
  ManualClock clock;
  ProgressMeter meter("packing", 1000, clock, Seconds(10), 600);
  clock.advance(Seconds(20));
  EXPECT_EQ(meter.update(800, 50'000'000), "packing   80 %  2.5 MB/s  00:20 left");
}

TEST(ProgressMeter, StaysSaneWhenFilesGrow) {
  ManualClock clock;
  ProgressMeter empty("packing", 0, clock, Seconds(1));
  ProgressMeter grown("packing", 10, clock, Seconds(1));
  clock.advance(Seconds(10));
  EXPECT_EQ(empty.update(0, 0), "packing    0 %  0.0 MB/s");
  EXPECT_EQ(grown.update(20, 0), "packing  100 %  0.0 MB/s  00:00 left");
}

}  // namespace
}  // namespace cram::corpus
