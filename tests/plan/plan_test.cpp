#include "cram/plan/plan.h"

#include <nlohmann/json.hpp>

#include <gmock/gmock.h>

#include "cram/base/error.h"
#include "cram/base/log.h"
#include "cram/plan/tables.h"

#include "plan/studied_runs.h"

namespace cram::plan {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr Seconds kBudget{1000};

class PlanTest : public StudiedTest {
 protected:
  PlanTest() {
    log::set_level(log::Level::kWarning);
    learn({study_});
  }

  void learn(const std::vector<recipe::Study>& studies) {
    for (const recipe::Study& study : studies) leave_all(study);
    evidence_ = gather(studies, base());
  }

  // Of these widths, four layers each.
  Plan plan(const std::vector<std::int64_t>& widths, const TryOut& try_out) {
    const Wishes wishes{.widths = widths, .layers = {4}, .batches = {}, .vocabularies = {}};
    return make_plan(kBudget, make_candidates(base_, wishes, *evidence_), try_out);
  }

  [[nodiscard]] std::string text(const Plan& plan) const {
    return to_text({plan, *evidence_, base_});
  }

  static std::int64_t width(const Candidate& candidate) {
    return candidate.recipe.model.hidden_size;
  }

  // As fast as its parameters are few.
  static TrialResult by_size(const Candidate& candidate) {
    return Trial{2e10 / body_parameters(candidate.recipe), 1 << 20, 300, 0};
  }

  recipe::Study study_ = study();
  std::optional<Evidence> evidence_;
  Base base_ = base_of(folder_ / "r.yaml", {"budget.time=1000s"});
};

TEST_F(PlanTest, PutsTheModelFirstThatTheTruthWouldChoose) {
  const std::vector<std::int64_t> widths = {64, 128, 192, 256, 384, 512, 768};
  const Plan made = plan(widths, by_size);
  ASSERT_EQ(made.runs.size(), widths.size());
  double least = 1e9, best = 0;
  for (const PlannedRun& run : made.runs) {
    const double loss = test::true_loss(run.parameters, 1000 * 2e10 / run.parameters);
    if (loss < least) best = run.parameters;
    least = std::min(loss, least);
  }
  EXPECT_EQ(made.runs.front().parameters, best);
  EXPECT_NEAR(made.runs.front().loss.expected, least, 1e-2);
  EXPECT_GT(made.runs.front().best_share, 0.9);
  EXPECT_GT(best, made.runs.back().parameters / 100) << "neither end of the list";
  for (std::size_t i = 1; i < made.runs.size(); ++i) {
    EXPECT_GE(made.runs[i].loss.expected, made.runs[i - 1].loss.expected);
  }
}

TEST_F(PlanTest, LeavesOutWhatDoesNotFit) {
  const Plan made = plan({128, 256}, [](const Candidate& candidate) -> TrialResult {
    if (width(candidate) == 256) return Obstacle{"out of memory"};
    return Trial{1000, 1 << 20, 300, 0};
  });
  ASSERT_EQ(made.runs.size(), 1U);
  ASSERT_EQ(made.skipped.size(), 1U);
  EXPECT_THAT(text(made), HasSubstr("left out: width 256, 4 layers, batches of 32: out of memory"));
}

TEST_F(PlanTest, EndsWhereNothingFits) {
  try {
    (void)plan({128}, [](const Candidate&) { return Obstacle{"out of memory"}; });
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory);
  }
}

TEST_F(PlanTest, SaysHowFarItReachesBeyondTheStudies) {
  const auto at = [&](double speed) {
    return plan({256}, [speed](const Candidate&) { return Trial{speed, 1 << 20, 300, 0}; });
  };
  const Plan inside = at(5000), outside = at(200'000);
  EXPECT_DOUBLE_EQ(inside.runs.front().reach.tokens, 1);
  EXPECT_DOUBLE_EQ(outside.runs.front().reach.tokens, 20);
  EXPECT_DOUBLE_EQ(outside.runs.front().reach.size, 1);
  EXPECT_THAT(text(inside), HasSubstr("lies within the sizes and tokens that were studied"));
  EXPECT_THAT(text(outside),
              AllOf(HasSubstr("tokens 20x"),
                    HasSubstr("beyond all that was studied: 20 times in tokens. The range")));
  EXPECT_DOUBLE_EQ(plan({1024}, by_size).runs.front().reach.shape, 4);
}

TEST_F(PlanTest, TellsWhatTheStudiesDoNotKnow) {
  EXPECT_THAT(text(plan({256}, by_size)),
              HasSubstr("All runs studied have batches of 32 and a vocabulary of 300"));
  EXPECT_THAT(text(plan({64, 1024}, by_size)), HasSubstr("that was tried: look b"));
  EXPECT_THAT(text(plan({256}, by_size)), Not(HasSubstr("plateau")));
  evidence_->laws.front().on_plateau = 3;
  EXPECT_THAT(
      text(plan({256}, by_size)),
      HasSubstr("Warning: 3 of the 12 runs end with less than 20 % of masked tokens right"));
  const Plan repeated = plan({256}, [](const Candidate&) { return Trial{1000, 1, 300, 100'000}; });
  EXPECT_THAT(text(repeated), HasSubstr("sees the text 10 times"));
}

TEST_F(PlanTest, EndsWithTheCommandOfTheBest) {
  base_ = base_of(folder_ / "r.yaml", {"data.sources=[it's, b]", "budget.time=1000s"});
  evidence_->laws.front().bytes_per_token = 4;
  const std::string shown = text(plan({384}, by_size));
  EXPECT_THAT(shown, HasSubstr("cram pretrain --config " + (folder_ / "r.yaml").string() +
                               " 'data.sources=[it'\\''s, b]' budget.time=1000s "
                               "name=plan-16m40s-w384-l4 model.hidden_size=384 model.heads=6 "
                               "model.intermediate_size=768\n"));
}

TEST_F(PlanTest, ComparesVocabulariesByTheBytesOfText) {
  const recipe::Study words = study("tokenizer.vocab_size=900", "words");
  learn({study_, words});
  try {
    (void)plan({256}, by_size);
    ADD_FAILURE() << "nobody knows their bytes";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_THAT(error.what(), HasSubstr("vocabulary of 300 is gone from the cache"));
  }
  evidence_->laws[0].bytes_per_token = 3;
  evidence_->laws[1].bytes_per_token = 4;
  const Plan made = plan({256}, by_size);
  EXPECT_TRUE(made.is_per_byte);
  EXPECT_EQ(made.runs.front().candidate.law->kind.vocabulary, 900) << "of equal loss a token";
  EXPECT_THAT(text(made), AllOf(HasSubstr("per byte"), HasSubstr("compared per byte of text"),
                                Not(HasSubstr("a vocabulary of 300: what"))));
}

TEST_F(PlanTest, IsThereForPrograms) {
  const Plan made = plan({128, 256}, by_size);
  const auto json = nlohmann::json::parse(to_json({made, *evidence_, base_}));
  EXPECT_EQ(json.at("budget_seconds"), 1000);
  EXPECT_EQ(json.at("laws")[0].at("points").size(), 12U);
  ASSERT_EQ(json.at("runs").size(), 2U);
  EXPECT_EQ(json.at("runs")[0].at("loss"), made.runs[0].loss.expected);
  EXPECT_EQ(json.at("runs")[0].at("width"), width(made.runs[0].candidate));
  EXPECT_THAT(json.at("runs")[0].at("command").get<std::string>(), HasSubstr("cram pretrain"));
  EXPECT_EQ(json.at("notes").size(), 5U);
}

}  // namespace
}  // namespace cram::plan
