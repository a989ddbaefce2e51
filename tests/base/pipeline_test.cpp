#include "cram/base/pipeline.h"

#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <system_error>

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace cram {
namespace {

// Numbers 0, 1, …, count - 1.
auto counter(int count) {
  return [count, next = 0]() mutable {
    return next < count ? std::optional<int>(next++) : std::nullopt;
  };
}

class PipelineWithThreads : public testing::TestWithParam<int> {};

TEST_P(PipelineWithThreads, WritesInTheOrderOfReading) {
  std::vector<int> written;
  run_ordered_pipeline(
      GetParam(), counter(500),
      [](int number) {
        if (number % 7 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
        return number * number;
      },
      [&](int square) { written.push_back(square); });
  ASSERT_EQ(written.size(), 500U);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(written[static_cast<std::size_t>(i)], i * i);
}

TEST_P(PipelineWithThreads, KeepsABoundedNumberUnderWay) {
  std::atomic<int> under_way{0};
  int most = 0;
  run_ordered_pipeline(
      GetParam(),
      [&, next = 0]() mutable {
        ++under_way;
        return next < 300 ? std::optional<int>(next++) : std::nullopt;
      },
      [](int number) { return number; },
      [&](int) {
        most = std::max(most, under_way.load());
        --under_way;
        std::this_thread::sleep_for(std::chrono::microseconds(50));
      });
  EXPECT_LE(most, 8 * GetParam() + 16 + 1);  // one is being written
}

INSTANTIATE_TEST_SUITE_P(Threads, PipelineWithThreads, testing::Values(1, 2, 5));

TEST(Pipeline, AcceptsAnEmptyInput) {
  run_ordered_pipeline(
      2, counter(0), [](int number) { return number; }, [](int) { FAIL(); });
}

TEST(Pipeline, RethrowsWhatAnyStageThrows) {
  const auto fails_at = [](int stage) {
    const auto maybe_throw = [stage](int here, int number) {
      if (stage == here && number == 50) throw std::runtime_error("stage " + std::to_string(here));
      return number;
    };
    int next = 0;
    run_ordered_pipeline(
        3, [&] { return std::optional<int>(maybe_throw(0, next++)); },
        [&](int number) { return maybe_throw(1, number); },
        [&](int number) { maybe_throw(2, number); });
  };
  for (int stage = 0; stage < 3; ++stage) {
    try {
      fails_at(stage);
      FAIL() << "stage " << stage;
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(error.what(), "stage " + std::to_string(stage));
    }
  }
}

void start_more_threads_than_fit() {
  const rlimit little{512 << 20, 512 << 20};
  ::setrlimit(RLIMIT_AS, &little);
  try {
    run_ordered_pipeline(
        10'000, counter(100), [](int number) { return number; }, [](int) {});
  } catch (const std::system_error&) {
    std::exit(7);
  }
  std::exit(0);
}

TEST(Pipeline, EndsWhenTheSystemGivesNoMoreThreads) {
  EXPECT_EXIT(start_more_threads_than_fit(), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace cram
