#include <stdexcept>

#include <gtest/gtest.h>

#include "cram/report/events.h"

#include "sample_events.h"

namespace cram::report {
namespace {

class CountingSink final : public EventSink {
 public:
  explicit CountingSink(int& count) : count_(count) {}
  void record(const Event&) override { ++count_; }

 private:
  int& count_;
};

class FailingSink final : public EventSink {
 public:
  explicit FailingSink(std::string what) : what_(std::move(what)) {}
  void record(const Event&) override { throw std::runtime_error(what_); }

 private:
  std::string what_;
};

TEST(Tee, PassesEachEventToAll) {
  int first = 0, second = 0;
  std::vector<std::unique_ptr<EventSink>> sinks;
  sinks.push_back(std::make_unique<CountingSink>(first));
  sinks.push_back(std::make_unique<CountingSink>(second));
  const auto tee = make_tee(std::move(sinks));
  tee->record(sample_progress());
  tee->record(sample_validation());
  EXPECT_EQ(first, 2);
  EXPECT_EQ(second, 2);
}

TEST(Tee, ServesTheOthersWhenOneThrowsAndThenRethrowsTheFirstError) {
  int count = 0;
  std::vector<std::unique_ptr<EventSink>> sinks;
  sinks.push_back(std::make_unique<FailingSink>("first"));
  sinks.push_back(std::make_unique<FailingSink>("second"));
  sinks.push_back(std::make_unique<CountingSink>(count));
  const auto tee = make_tee(std::move(sinks));
  try {
    tee->record(sample_progress());
    FAIL() << "the error was swallowed";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "first");
  }
  EXPECT_EQ(count, 1);
}

TEST(Tee, MayBeEmpty) { make_tee({})->record(sample_progress()); }

}  // namespace
}  // namespace cram::report
