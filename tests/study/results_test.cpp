#include "cram/study/results.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/study/tables.h"

#include "left_runs.h"

namespace cram::study {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using ResultsTest = test::LeftRuns;

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
  leave_scores(made, made.runs[0], {{"rte", {0.5, 0.5}}, {"sst2", {0.6, 0.8}}});
  leave_scores(made, made.runs[1], {{"sst2", {0.7, 0.7}}, {"rte", {0.7, 0.7}}});
  leave_scores(made, made.runs[2], {{"rte", {0.1, 0.1}}, {"sst2", {0.1}}});
  leave_scores(made, made.runs[3], {{"rte", {0.1, 0.1}}});
  const auto runs = read_results(made);
  EXPECT_NEAR(runs[0].glue_mean.value(), 0.6, 1e-12);
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
}

TEST_F(ResultsTest, HaveNoMeanWhereATaskDiverged) {
  const recipe::Study made = tuned_study("tasks: [rte, sst2], settings: [finetune.seeds=1]");
  leave_run(made.runs[0], {4.0});
  leave_scores(made, made.runs[0], {{"rte", {std::nan("")}}, {"sst2", {0.8}}});
  EXPECT_TRUE(std::isnan(mean_in(made).value()));
}

TEST_F(ResultsTest, CountTheTasksAndSeedsThatAreAskedFor) {
  const recipe::Study more = tuned_study("tasks: [rte, sst2], settings: [finetune.seeds=3]");
  leave_run(more.runs[0], {4.0});
  leave_scores(more, more.runs[0], {{"rte", {0.5, 0.9, 0.9}}, {"sst2", {0.7, 0.1, 0.1}}});
  EXPECT_EQ(mean_in(tuned_study("tasks: [rte, sst2], settings: [finetune.seeds=1]")), 0.6);
  EXPECT_EQ(mean_in(tuned_study("tasks: [rte], settings: [finetune.seeds=3]")), 0.9);
  EXPECT_FALSE(mean_in(tuned_study("tasks: [rte], settings: [finetune.seeds=4]")).has_value());
}

TEST_F(ResultsTest, StayWhereAChangeDecidesNothing) {
  const std::string tasks = "tasks: [rte], settings: [finetune.seeds=1";
  const recipe::Study before = tuned_study(tasks + "]");
  leave_run(before.runs[0], {4.0});
  leave_scores(before, before.runs[0], {{"rte", {0.6}}});
  const recipe::Study after =
      tuned_study(tasks + ", checkpoint.keep=9, device.threads=3, logging.every=7s]",
                  "checkpoint.keep=9, logging.every=7s, device.threads=3");
  EXPECT_EQ(read_results(after)[0].state, RunState::kFinished);
  EXPECT_EQ(mean_in(after), 0.6);
}

TEST_F(ResultsTest, LeaveOutScoresOfAnotherRecipe) {
  const recipe::Study before = tuned_study("tasks: [rte], settings: [finetune.seeds=1]");
  leave_run(before.runs[0], {4.0});
  leave_scores(before, before.runs[0], {{"rte", {0.6}}});
  const std::string other = "tasks: [rte], settings: [finetune.seeds=1, batch.size=8]";
  EXPECT_FALSE(mean_in(tuned_study(other)).has_value());
}

TEST_F(ResultsTest, LeaveOutScoresOfAnotherModel) {
  const recipe::Study made = tuned_study("tasks: [rte], settings: [finetune.seeds=1]");
  leave_run(made.runs[0], {4.0});
  leave_scores(made, made.runs[0], {{"rte", {0.6}}});
  const auto model = folder_ / "studies/s/runs/a-0/model";
  std::ofstream(model / "README.md") << "for people";
  EXPECT_EQ(mean_in(made), 0.6);
  std::ofstream(model / "model.safetensors") << "Weights of a-0";
  EXPECT_FALSE(mean_in(made).has_value());
  std::filesystem::remove_all(model);
  EXPECT_EQ(mean_in(made), 0.6) << "there is no other model";
}

TEST_F(ResultsTest, RefuseScoresThatFineTuningDidNotWrite) {
  const recipe::Study made = tuned_study("tasks: [rte], settings: [finetune.seeds=1]");
  leave_run(made.runs[0], {4.0});
  leave_scores(made, made.runs[0], {{"rte", {0.6}}});
  for (const char* file : {"results.json", "run.json"}) {
    const auto path = glue_folder(made.runs[0]) / file;
    const std::string good = read_file(path);
    for (const char* damaged : {"", "{}", "[]", R"({"tasks":[{}]})", R"({"tasks":[1]})"}) {
      std::ofstream(path) << damaged;
      try {
        (void)read_results(made);
        ADD_FAILURE() << damaged;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kData);
        EXPECT_THAT(error.what(), HasSubstr(path.string()));
      }
    }
    std::ofstream(path) << good;
  }
  std::ofstream(glue_folder(made.runs[0]) / "results.json") << "[]";
  leave_run(made.runs[0], {4.0}, "interrupted");
  EXPECT_FALSE(mean_in(made).has_value()) << "nobody asks for the scores of a run that goes on";
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
  const recipe::Study made =
      study("recipe: r.yaml\nvariants: {plain: {seeds: [0, 1]}}\ntext: [here, there]\n");
  leave_run(made.runs[0], {5.0});
  leave_run(made.runs[1], {3.0}, "interrupted");
  leave_text_score(made.runs[1], 3.5, 1.25);
  const auto runs = read_results(made);
  EXPECT_EQ(runs[1].state, RunState::kUnfinished);
  EXPECT_FALSE(runs[1].text_score.has_value());
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
