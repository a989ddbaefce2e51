#include "cram/study/loss_law.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/base/file.h"

#include "study/synthetic_runs.h"
#include "support/process.h"
#include "support/temp_folder.h"

namespace cram::study {
namespace {

using testing::HasSubstr;

std::string problem_of(const std::vector<LossPoint>& points, ErrorCode code) {
  try {
    (void)LossLaw::fit(points);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    return error.what();
  }
  return "no problem";
}

TEST(LossLaw, FindsWhatExactPointsWereMadeOf) {
  const LossLaw law = LossLaw::fit(test::synthetic_runs(0, 0));
  EXPECT_NEAR(law.floor(), test::kTruth.floor, 1e-3);
  EXPECT_NEAR(law.size_exponent(), test::kTruth.size_exponent, 1e-3);
  EXPECT_NEAR(law.data_exponent(), test::kTruth.data_exponent, 1e-3);
  EXPECT_NEAR(law.loss(1e9, 1e12), test::true_loss(1e9, 1e12), 1e-3) << "far away, too";
}

TEST(LossLaw, StaysNearTheTruthUnderNoise) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const LossLaw law = LossLaw::fit(test::synthetic_runs(0.005, seed));
    EXPECT_NEAR(law.loss(2e6, 5e6) / test::true_loss(2e6, 5e6), 1, 0.01);
    EXPECT_NEAR(law.loss(1e7, 3e7) / test::true_loss(1e7, 3e7), 1, 0.06);
  }
}

TEST(LossLaw, IsNotDraggedAwayByOneRunThatFailed) {
  auto points = test::synthetic_runs(0, 0);
  points[5].loss *= 1.3;
  const LossLaw law = LossLaw::fit(points);
  EXPECT_NEAR(law.loss(2e6, 5e6) / test::true_loss(2e6, 5e6), 1, 0.01);
  EXPECT_GT(law.residual(points[5]), 0.2);
}

TEST(LossLaw, FallsWithSizeAndTokensButNotBelowItsFloor) {
  const LossLaw law = LossLaw::fit(test::synthetic_runs(0.02, 3));
  EXPECT_GT(law.loss(1e6, 1e6), law.loss(2e6, 1e6));
  EXPECT_GT(law.loss(1e6, 1e6), law.loss(1e6, 2e6));
  EXPECT_GE(law.loss(1e30, 1e30), law.floor());
}

// scipy's least_squares, from many starts, may find nothing better.
TEST(LossLaw, IsAsGoodAsThatOfScipy) {
  const char* python = std::getenv("CRAM_PYTHON");
  if (python == nullptr) GTEST_SKIP() << "set CRAM_PYTHON to a Python with scipy";
  const test::TempFolder folder;
  auto cases = nlohmann::json::array();
  std::vector<std::vector<LossPoint>> all;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    all.push_back(test::synthetic_runs(seed < 3 ? 0.005 : 0.02, seed));
    auto& points = cases.emplace_back(nlohmann::json::array());
    for (const LossPoint& point : all.back()) {
      points.push_back({point.parameters, point.tokens, point.loss});
    }
  }
  std::ofstream(folder / "cases.json") << cases.dump();
  const test::Finished oracle =
      test::run({"/usr/bin/env", python, CRAM_SOURCE_DIR "/tests/study/loss_law_oracle.py",
                 folder / "cases.json", folder / "output.json"});
  if (oracle.exit_code == 77) GTEST_SKIP() << oracle.output;
  ASSERT_EQ(oracle.exit_code, 0) << oracle.errors;
  const auto answers = nlohmann::json::parse(read_file(folder / "output.json"));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const LossLaw law = LossLaw::fit(all[i]);
    EXPECT_LT(law.misfit(all[i]), 1.001 * answers[i].at("misfit").get<double>());
    EXPECT_NEAR(law.loss(2e6, 5e6) / answers[i].at("inside").get<double>(), 1, 1e-3);
  }
}

TEST(LossLaw, SaysWhichRunsAreMissing) {
  auto points = test::synthetic_runs(0, 0);
  EXPECT_THAT(problem_of({}, ErrorCode::kUsage), HasSubstr("here are 0 runs with 0 sizes"));
  EXPECT_THAT(problem_of({points.begin(), points.begin() + 6}, ErrorCode::kUsage),
              HasSubstr("3 sizes and 3 budgets of tokens; here are 6 runs with 2 sizes and 3"));
  std::erase_if(points, [](const LossPoint& point) { return point.tokens > 9e6; });
  EXPECT_THAT(problem_of(points, ErrorCode::kUsage), HasSubstr("8 runs with 4 sizes and 2"));
}

TEST(LossLaw, RefusesNumbersThatAreNone) {
  for (const double bad : {std::nan(""), 0.0, -1.0, std::numeric_limits<double>::infinity()}) {
    auto points = test::synthetic_runs(0, 0);
    points[2].loss = bad;
    EXPECT_THAT(problem_of(points, ErrorCode::kInternal), HasSubstr("numbers that are none"));
  }
}

}  // namespace
}  // namespace cram::study
