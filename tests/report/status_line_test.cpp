#include "cram/report/status_line.h"

#include <cstdlib>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <time.h>

#include "sample_events.h"

namespace cram::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr double kNow = 1'795'345'200;  // Sunday 22 November 2026, 11:00 UTC
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

class StatusLine : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("TZ", "UTC", 1);
    tzset();
  }
};

std::string wide(const Progress& progress) { return status_line(progress, {1000, false, kNow}); }

TEST_F(StatusLine, SaysEverythingWhereThereIsRoom) {
  EXPECT_EQ(wide(sample_progress()),
            " 42.0% | used 38:40 | left 51:20 | done at 11:51 | step 1,234 | 12.3 M tokens | "
            "10.5 k tokens/s | 63% of matmul speed | loss 3.2143 | lr 4.20e-04 | batch 1,536");
}

TEST_F(StatusLine, DrawsTheBudgetOnAWideTerminal) {
  const std::string line = status_line(sample_progress(), {200, true, kNow});
  EXPECT_THAT(line, StartsWith("[========>           ]  42.0% | "));
  Progress progress = sample_progress();
  progress.budget_share = 1;
  EXPECT_THAT(status_line(progress, {200, true, kNow}),
              StartsWith("[====================] 100.0% | "));
  progress.budget_share = 0;
  EXPECT_THAT(status_line(progress, {200, true, kNow}),
              StartsWith("[>                   ]   0.0% | "));
}

TEST_F(StatusLine, KeepsWhatMattersOnANarrowTerminal) {
  EXPECT_EQ(status_line(sample_progress(), {79, true, kNow}),
            " 42.0% | left 51:20 | done at 11:51 | 10.5 k tokens/s | loss 3.2143");
  EXPECT_EQ(status_line(sample_progress(), {40, true, kNow}), " 42.0% | left 51:20 | loss 3.2143");
}

TEST_F(StatusLine, IsNeverWiderThanAsked) {
  Progress progress = sample_progress();
  progress.skipped_updates = 12;
  for (std::size_t width = 0; width < 220; ++width) {
    EXPECT_LE(status_line(progress, {width, true, kNow}).size(), width);
  }
}

TEST_F(StatusLine, DoesNotRoundUpToABudgetThatIsNotSpent) {
  Progress progress = sample_progress();
  progress.budget_share = 0.99999;
  EXPECT_THAT(wide(progress), HasSubstr(" 99.9%"));
}

TEST_F(StatusLine, LeavesOutWhatIsNotKnown) {
  Progress progress = sample_progress();
  progress.gemm_share = 0;
  progress.tokens_per_second = 0;
  progress.seconds_left = kInfinity;
  EXPECT_EQ(wide(progress),
            " 42.0% | used 38:40 | step 1,234 | 12.3 M tokens | loss 3.2143 | lr 4.20e-04 | "
            "batch 1,536");
}

TEST_F(StatusLine, ShowsADivergedLossAndSkippedUpdates) {
  Progress progress = sample_progress();
  progress.loss = kNaN;
  progress.skipped_updates = 3;
  EXPECT_THAT(wide(progress), HasSubstr("loss nan"));
  EXPECT_THAT(wide(progress), HasSubstr("skipped 3"));
  EXPECT_THAT(wide(sample_progress()), Not(HasSubstr("skipped")));
}

TEST_F(StatusLine, SurvivesAbsurdNumbers) {
  for (const double value : {kNaN, kInfinity, -kInfinity, 1e300, -1e300}) {
    Progress progress = sample_progress();
    progress.seconds = progress.seconds_left = progress.budget_share = value;
    progress.tokens_per_second = progress.gemm_share = progress.learning_rate = value;
    EXPECT_LE(status_line(progress, {120, true, kNow}).size(), 120U);
  }
}

TEST_F(StatusLine, NamesTheDayOfAFinishThatIsNotToday) {
  EXPECT_EQ(time_of_day(kNow, kNow + 3600), "12:00");
  EXPECT_EQ(time_of_day(kNow, kNow + 24 * 3600), "Mon 11:00");
  EXPECT_EQ(time_of_day(kNow, kNow + 11 * 24 * 3600), "3 Dec 11:00");
}

}  // namespace
}  // namespace cram::report
