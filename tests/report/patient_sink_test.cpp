#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/report/events.h"

#include "sample_events.h"

namespace cram::report {
namespace {

// Throws while it is told to; counts what it took.
class MoodySink final : public EventSink {
 public:
  MoodySink(const ErrorCode* mood, int& count) : mood_(mood), count_(count) {}
  void record(const Event&) override {
    if (*mood_ != ErrorCode::kInternal) throw Error(*mood_, "events.jsonl: no space");
    ++count_;
  }

 private:
  const ErrorCode* mood_;
  int& count_;
};

TEST(PatientSink, SurvivesAFullDiskAndRecordsAgainAfterwards) {
  ErrorCode mood = ErrorCode::kInternal;
  int count = 0;
  const auto sink = make_patient(std::make_unique<MoodySink>(&mood, count));
  sink->record(sample_progress());
  mood = ErrorCode::kStorage;
  EXPECT_NO_THROW(sink->record(sample_progress()));
  EXPECT_NO_THROW(sink->record(sample_progress()));
  mood = ErrorCode::kInternal;
  sink->record(sample_progress());
  EXPECT_EQ(count, 2);
}

TEST(PatientSink, PassesOtherErrorsOn) {
  ErrorCode mood = ErrorCode::kData;
  int count = 0;
  EXPECT_THROW(make_patient(std::make_unique<MoodySink>(&mood, count))->record(sample_progress()),
               Error);
}

}  // namespace
}  // namespace cram::report
