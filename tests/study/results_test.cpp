#include "cram/study/results.h"

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/recipe/load.h"
#include "cram/study/tables.h"

#include "support/temp_folder.h"

namespace cram::study {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kRecipe = "budget: {steps: 10}\ndata: {sources: text}\n";

class ResultsTest : public testing::Test {
 protected:
  ResultsTest() { std::ofstream(folder_ / "r.yaml") << kRecipe; }

  recipe::Study study(const std::string& text = "") {
    std::ofstream(folder_ / "s.yaml")
        << (text.empty() ? "recipe: r.yaml\nvariants:\n  plain: {seeds: [0, 1, 2]}\n"
                           "  fast: [batch.size=64]\n"
                         : text);
    return recipe::load_study(folder_ / "s.yaml", folder_.path() / "studies");
  }

  // Leaves a run of 100 tokens a second whose held-out losses are those, a measurement each 1000.
  static void leave_run(const recipe::StudyRun& run, const std::vector<double>& losses,
                        const std::string& end = "finished") {
    const auto folder = std::filesystem::path(run.recipe.runs_folder) / run.recipe.name;
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "recipe.yaml") << recipe::to_yaml(run.recipe);
    std::ofstream events(folder / "events.jsonl");
    int step = 0;
    for (const double loss : losses) {
      ++step;
      const nlohmann::json at{{"step", step},         {"tokens", 1000 * step},
                              {"seconds", 10 * step}, {"budget_share", 0.5},
                              {"loss", loss},         {"accuracy", 0.25}};
      for (const char* kind : {"progress", "validation"}) {
        nlohmann::json event = at;
        event["event"] = kind;
        event["time"] = "2026-01-01T00:00:00Z";
        events << event.dump() << "\n";
      }
    }
    events << R"({"event":")" << end << R"(","time":"2026-01-01T00:00:00Z"})"
           << "\n";
  }

  // Leaves what fine-tuning on the tasks with so many seeds gives.
  void leave_scores(const recipe::Study& study, const recipe::StudyRun& run,
                    const std::map<std::string, int>& tasks, double mean) const {
    const auto folder = folder_ / "studies/s/glue" / run.recipe.name;
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "recipe.yaml") << recipe::to_yaml(study.glue->recipe);
    nlohmann::json list = nlohmann::json::array();
    for (const auto& [task, seeds] : tasks) {
      list.push_back({{"task", task}, {"seeds", std::vector<int>(seeds)}});
    }
    std::ofstream(folder / "results.json")
        << nlohmann::json{{"tasks", list}, {"glue_mean", {{"mean", mean}}}};
  }

  test::TempFolder folder_;
};

TEST_F(ResultsTest, OfAStudyThatHasNotBegunSaySo) {
  const recipe::Study begun = study();
  const auto runs = read_results(begun);
  ASSERT_EQ(runs.size(), 4U);
  EXPECT_EQ(runs.front().state, RunState::kNotStarted);
  const Comparison comparison = compare(begun, runs);
  EXPECT_FALSE(comparison.target_loss.has_value());
  EXPECT_THAT(to_text(comparison), AllOf(HasSubstr("plain    0 of 3"), HasSubstr("no target")));
  EXPECT_THAT(to_html(begun, comparison, runs), HasSubstr("not started"));
}

TEST_F(ResultsTest, CompareTheMediansOfFinishedSeeds) {
  const recipe::Study made = study();
  leave_run(made.runs[0], {6.0, 5.0});
  leave_run(made.runs[1], {6.0, 4.0});
  leave_run(made.runs[2], {6.0, 4.4});
  leave_run(made.runs[3], {5.0, 4.2});
  const auto runs = read_results(made);
  const Comparison comparison = compare(made, runs);
  const VariantResult &plain = comparison.variants[0], &fast = comparison.variants[1];
  EXPECT_DOUBLE_EQ(comparison.target_loss.value(), 4.4);
  EXPECT_THAT(plain.seeds, ElementsAre(0, 1, 2));
  EXPECT_DOUBLE_EQ(plain.loss.median, 4.4);
  EXPECT_DOUBLE_EQ(plain.loss.smallest, 4.0);
  EXPECT_DOUBLE_EQ(plain.loss.largest, 5.0);
  EXPECT_DOUBLE_EQ(plain.tokens_per_second, 100.0);
  // 4.4 lies three quarters of the way from 5.0 at ten seconds to 4.2 at twenty.
  EXPECT_NEAR(fast.seconds_to_target.value(), 17.5, 1e-9);
  EXPECT_NEAR(fast.tokens_to_target.value(), 1750, 1e-6);
  EXPECT_NEAR(plain.seconds_to_target.value(), 20.0, 1e-9);
  EXPECT_THAT(to_text(comparison), HasSubstr("4.0000 to 5.0000"));
  EXPECT_THAT(to_markdown(comparison), HasSubstr("| fast | 1 of 1 | 4.2000 |"));
  const auto json = nlohmann::json::parse(to_json(made, comparison, runs));
  EXPECT_EQ(json.at("variants")[0].at("loss").at("median"), 4.4);
  EXPECT_EQ(json.at("runs")[3].at("curve")[1].at("loss"), 4.2);
  EXPECT_THAT(to_html(made, comparison, runs), HasSubstr("batch.size=64"));
}

TEST_F(ResultsTest, HaveTheMeanOverTasksOnceAllAreFineTuned) {
  const recipe::Study made = study(
      "recipe: r.yaml\nvariants: {a: {seeds: [0, 1, 2, 3]}}\n"
      "glue: {tasks: [rte, sst2], settings: [finetune.seeds=2]}\n");
  for (const recipe::StudyRun& run : made.runs) leave_run(run, {4.0});
  leave_scores(made, made.runs[0], {{"rte", 2}, {"sst2", 2}}, 0.6);
  leave_scores(made, made.runs[1], {{"rte", 2}, {"sst2", 2}}, 0.7);
  leave_scores(made, made.runs[2], {{"rte", 2}, {"sst2", 1}}, 0.1);
  leave_scores(made, made.runs[3], {{"rte", 2}}, 0.1);
  const auto runs = read_results(made);
  EXPECT_EQ(runs[0].glue_mean, 0.6);
  EXPECT_FALSE(runs[2].glue_mean.has_value()) << "a seed is missing";
  EXPECT_FALSE(runs[3].glue_mean.has_value()) << "a task is missing";
  const Comparison comparison = compare(made, runs);
  EXPECT_NEAR(comparison.variants[0].glue_mean.value().median, 0.65, 1e-12);
  EXPECT_THAT(to_text(comparison), HasSubstr("65.00 (60.00 to 70.00)"));
  EXPECT_THAT(to_markdown(comparison), HasSubstr("| GLUE mean |"));
  EXPECT_THAT(to_html(made, comparison, runs), HasSubstr("GLUE mean"));
  const auto json = nlohmann::json::parse(to_json(made, comparison, runs));
  EXPECT_EQ(json.at("variants")[0].at("glue_mean").at("largest"), 0.7);
  EXPECT_EQ(json.at("runs")[1].at("glue_mean"), 0.7);

  std::ofstream(folder_ / "studies/s/glue/a-0/results.json") << "{}";
  EXPECT_THROW((void)read_results(made), Error);
}

TEST_F(ResultsTest, LeaveOutScoresOfAnotherRecipeOrOfMoreTasks) {
  const std::string rest = "recipe: r.yaml\nvariants: {a: {seeds: [0, 1]}}\n";
  const recipe::Study before = study(rest + "glue: {tasks: [rte]}\n");
  for (const recipe::StudyRun& run : before.runs) leave_run(run, {4.0});
  leave_scores(before, before.runs[0], {{"rte", 5}}, 0.6);
  leave_scores(before, before.runs[1], {{"rte", 5}, {"sst2", 5}}, 0.7);
  EXPECT_EQ(read_results(before)[0].glue_mean, 0.6);
  EXPECT_FALSE(read_results(before)[1].glue_mean.has_value()) << "not the mean over the tasks";
  const recipe::Study after = study(rest + "glue: {tasks: [rte], settings: [batch.size=8]}\n");
  EXPECT_FALSE(read_results(after)[0].glue_mean.has_value()) << "of the recipe before";
}

TEST_F(ResultsTest, SayWhereATargetIsNotReached) {
  const recipe::Study made =
      study("recipe: r.yaml\ntarget_loss: 3.0\nvariants: {a: {seeds: [0, 1]}}\n");
  leave_run(made.runs[0], {4.0, 2.9});
  leave_run(made.runs[1], {4.0, 3.5});
  const Comparison comparison = compare(made, read_results(made));
  EXPECT_FALSE(comparison.variants[0].seconds_to_target.has_value());
  EXPECT_THAT(to_text(comparison), HasSubstr("not reached"));
}

TEST_F(ResultsTest, LeaveOutRunsThatAreNotFinished) {
  const recipe::Study made = study();
  leave_run(made.runs[0], {5.0});
  leave_run(made.runs[1], {3.0}, "interrupted");
  const auto runs = read_results(made);
  EXPECT_EQ(runs[1].state, RunState::kUnfinished);
  EXPECT_THAT(compare(made, runs).variants[0].seeds, ElementsAre(0));
}

TEST_F(ResultsTest, LeaveOutARunOfAnotherRecipe) {
  const recipe::Study made = study();
  recipe::StudyRun other = made.runs[0];
  other.recipe.batch.size = 7;
  leave_run(other, {5.0});
  EXPECT_EQ(read_results(made).front().state, RunState::kUnfinished);
}

TEST_F(ResultsTest, StayReadableWhenARunDiverged) {
  const recipe::Study made = study();
  leave_run(made.runs[0], {5.0});
  const auto file = std::filesystem::path(made.runs[3].recipe.runs_folder) / "fast-0";
  leave_run(made.runs[3], {});
  std::ofstream(file / "events.jsonl")
      << R"({"event":"validation","step":1,"tokens":9,"seconds":1,"loss":null})"
      << "\n"
      << R"({"event":"finished"})"
      << "\n";
  const auto runs = read_results(made);
  const Comparison comparison = compare(made, runs);
  EXPECT_FALSE(comparison.variants[1].seconds_to_target.has_value());
  EXPECT_TRUE(nlohmann::json::parse(to_json(made, comparison, runs))
                  .at("variants")[1]
                  .at("loss")
                  .at("median")
                  .is_null());
  EXPECT_THAT(to_text(comparison), Not(HasSubstr("inf")));
}

TEST(Spread, OfAnEvenNumberHasTheMeanOfTheMiddleTwo) {
  const Spread spread = spread_of({4, 1, 3, 2});
  EXPECT_EQ(spread.median, 2.5);
  EXPECT_EQ(spread.smallest, 1);
  EXPECT_EQ(spread.largest, 4);
  EXPECT_THROW((void)spread_of({}), Error);
}

TEST(Spread, PutsADivergedSeedBehindAllOthers) {
  const double diverged = std::nan("");
  const Spread one = spread_of({diverged, 4, 1}), two = spread_of({2, diverged, diverged});
  EXPECT_EQ(one.median, 4);
  EXPECT_EQ(one.smallest, 1);
  EXPECT_TRUE(std::isnan(one.largest));
  EXPECT_EQ(two.smallest, 2);
  EXPECT_TRUE(std::isnan(two.median));
}

TEST_F(ResultsTest, JudgesARunByTheWeightsThatItExports) {
  const recipe::Study both = study(
      "recipe: r.yaml\nvariants:\n"
      "  raw: [averaging.type=ema]\n"
      "  average: [averaging.type=ema, averaging.exported=average]\n");
  for (const recipe::StudyRun& run : both.runs) {
    leave_run(run, {});
    const auto folder = std::filesystem::path(run.recipe.runs_folder) / run.recipe.name;
    std::ofstream(folder / "events.jsonl")
        << R"({"event":"validation","step":1,"loss":5.0,"accuracy":0.25,"average_loss":4.5,)"
        << R"("average_accuracy":0.5})"
        << "\n"
        << R"({"event":"finished"})"
        << "\n";
  }
  const Comparison comparison = compare(both, read_results(both));
  EXPECT_EQ(comparison.variants[0].loss.median, 5.0);
  EXPECT_EQ(comparison.variants[1].loss.median, 4.5);
  EXPECT_EQ(comparison.variants[1].accuracy.median, 0.5);
}

}  // namespace
}  // namespace cram::study
