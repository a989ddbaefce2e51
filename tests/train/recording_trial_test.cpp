#include "cram/train/recording_trial.h"

#include <limits>

#include <gmock/gmock.h>

namespace cram::train {
namespace {

using testing::HasSubstr;

RecordingTrial trial_of(double error, double milliseconds, double unrecorded) {
  return {"", error, milliseconds, unrecorded};
}

TEST(RecordingTrialTest, TakesWhatIsRightAndFaster) {
  EXPECT_TRUE(trial_of(1e-6, 1, 2).used());
  EXPECT_FALSE(trial_of(1e-6, 1, 1.02).used());
  EXPECT_FALSE(trial_of(0.1, 1, 2).used());
  EXPECT_FALSE(trial_of(std::numeric_limits<double>::quiet_NaN(), 1, 2).used());
}

TEST(RecordingTrialTest, SaysWhatWasChosenAndWhy) {
  EXPECT_EQ(to_text(trial_of(0, 1, 2)), "recorded, 2.00 times as fast");
  EXPECT_EQ(to_text(trial_of(0, 1, 1)), "not recorded, which would be 1.00 times as fast");
  EXPECT_THAT(to_text(trial_of(0.1, 1, 2)), HasSubstr("wrong here"));
  EXPECT_EQ(to_text({.skipped = "no room"}), "not recorded, no room");
}

}  // namespace
}  // namespace cram::train
