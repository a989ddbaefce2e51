#include "cram/plan/candidate.h"

#include <gmock/gmock.h>

#include "cram/base/error.h"

#include "plan/studied_runs.h"

namespace cram::plan {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using Size = std::pair<std::int64_t, std::int64_t>;  // width, layers

class CandidateTest : public StudiedTest {
 protected:
  CandidateTest() {
    leave_all(study_);
    leave_all(larger_);
    evidence_ = gather({study_, larger_}, base());
  }

  std::vector<Candidate> make(const Wishes& wishes) {
    return make_candidates(base_of(folder_ / "r.yaml", {"budget.time=24h"}), wishes, *evidence_);
  }

  std::vector<Size> sizes(const Wishes& wishes) {
    std::vector<Size> found;
    for (const Candidate& candidate : make(wishes)) {
      found.emplace_back(candidate.recipe.model.hidden_size, candidate.recipe.model.layers);
    }
    return found;
  }

  std::string problem_of(const Wishes& wishes) {
    try {
      (void)make(wishes);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      return error.what();
    }
    return "no problem";
  }

  recipe::Study study_ = study(), larger_ = study("batch.size=64", "larger");
  std::optional<Evidence> evidence_;
};

TEST_F(CandidateTest, AreWhatIsWished) {
  const auto made =
      make({.widths = {128, 384}, .layers = {3, 5}, .batches = {64}, .vocabularies = {}});
  ASSERT_EQ(made.size(), 4U);
  const recipe::Recipe& last = made.back().recipe;
  EXPECT_EQ(last.model.hidden_size, 384);
  EXPECT_EQ(last.model.layers, 5);
  EXPECT_EQ(last.model.heads, 6) << "64 wide, as in the recipe";
  EXPECT_EQ(last.model.intermediate_size, 768);
  EXPECT_EQ(last.batch.size, 64);
  EXPECT_EQ(last.budget.time.value(), Seconds(24 * 3600));
  EXPECT_EQ(made.back().law->kind.batch, 64);
  EXPECT_THAT(made.back().settings,
              ElementsAre("budget.time=24h", "name=plan-1d-w384-l5-b64", "model.layers=5",
                          "model.hidden_size=384", "model.heads=6", "model.intermediate_size=768",
                          "batch.size=64"));
}

TEST_F(CandidateTest, LieAroundTheRecipeInTheShapesThatWereStudied) {
  const auto found = sizes({.widths = {}, .layers = {}, .batches = {32}, .vocabularies = {}});
  EXPECT_THAT(found, AllOf(Contains(Size{128, 2}), Contains(Size{256, 4}), Contains(Size{512, 8})));
  for (const auto& [width, layers] : found) {
    EXPECT_NEAR(static_cast<double>(width) / static_cast<double>(layers), 64, 17)
        << width << " " << layers;
  }
}

TEST_F(CandidateTest, AreOfEveryLawUnasked) {
  EXPECT_THAT(sizes({.widths = {256}, .layers = {4}, .batches = {}, .vocabularies = {}}),
              ElementsAre(Size{256, 4}, Size{256, 4}));
}

TEST_F(CandidateTest, RefuseWhatNobodyKnowsOrCanBuild) {
  EXPECT_THAT(problem_of({.widths = {}, .layers = {}, .batches = {32, 7}, .vocabularies = {}}),
              HasSubstr("--batch 7: the studies say nothing about it, only about 32, 64"));
  EXPECT_THAT(problem_of({.widths = {}, .layers = {}, .batches = {}, .vocabularies = {900}}),
              HasSubstr("--vocabulary 900: the studies say nothing about it, only about 300"));
  const recipe::Study words = study("batch.size=64, tokenizer.vocab_size=900", "words");
  leave_all(words, 1, "decaf");
  evidence_ = gather({study_, words}, base());
  EXPECT_THAT(problem_of({.widths = {}, .layers = {}, .batches = {32}, .vocabularies = {900}}),
              HasSubstr("no study has the wished batches with the wished vocabularies"));
  EXPECT_THAT(problem_of({.widths = {200}, .layers = {}, .batches = {}, .vocabularies = {}}),
              HasSubstr("--width 200: the recipe's heads are 64 wide"));
}

TEST_F(CandidateTest, StartFromWhatTheRunsOfAStudyShare) {
  const Base shared = base_of(larger_, {"budget.time=2h", "data.epochs=[2]"});
  EXPECT_EQ(shared.file, folder_ / "r.yaml");
  EXPECT_THAT(shared.settings, ElementsAre("batch.size=64", "budget.time=2h", "data.epochs=[2]"));
  EXPECT_EQ(shared.recipe.batch.size, 64);
  EXPECT_EQ(shared.recipe.model.layers, 4) << "the file's";
  std::ofstream(folder_ / "same.yaml")
      << "recipe: r.yaml\nsettings: [budget.steps=3]\nvariants: {a: , b: [batch.size=8]}\n";
  const recipe::Study same = recipe::load_study(folder_ / "same.yaml", "out");
  EXPECT_THAT(base_of(same, {"budget.time=2h"}).settings, ElementsAre("budget.time=2h"))
      << "not their budget";
}

TEST_F(CandidateTest, NeedOneRecipeToStartFrom) {
  std::ofstream(folder_ / "other.yaml") << "base: r.yaml\n";
  std::ofstream(folder_ / "two.yaml")
      << "recipe: r.yaml\nvariants:\n  a:\n  b: {recipe: other.yaml}\n";
  try {
    (void)base_of(recipe::load_study(folder_ / "two.yaml", "out"), {});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.hint(), HasSubstr("--config"));
  }
}

}  // namespace
}  // namespace cram::plan
