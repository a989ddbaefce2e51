#include "../../src/finetune/span_search.h"

#include <vector>

#include <gtest/gtest.h>

namespace cram::finetune {
namespace {

TEST(BestSpan, HasTheBestSumOfBeginAndEnd) {
  const std::vector<float> begin = {9, 0, 5, 1, 0}, end = {9, 0, 0, 2, 4};
  const SpanCandidate best = best_span(begin, end, 1, 5);
  EXPECT_EQ(best.begin, 2);
  EXPECT_EQ(best.end, 4);
  EXPECT_DOUBLE_EQ(best.score, 9);
}

TEST(BestSpan, NeverEndsBeforeItBegins) {
  const std::vector<float> begin = {0, 0, 9}, end = {0, 9, 1};
  const SpanCandidate best = best_span(begin, end, 1, 3);
  EXPECT_EQ(best.begin, 2);
  EXPECT_EQ(best.end, 2);
}

TEST(BestSpan, IsAtMostThirtyTokensLong) {
  std::vector<float> begin(100, 0), end(100, 0);
  begin[1] = end[99] = 9;
  end[40] = 1;
  const SpanCandidate best = best_span(begin, end, 1, 100);
  EXPECT_LE(best.end - best.begin, 29);
}

}  // namespace
}  // namespace cram::finetune
