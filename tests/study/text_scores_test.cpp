#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/study/results.h"
#include "cram/study/tables.h"

#include "left_runs.h"

namespace cram::study {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using TextScoresTest = test::LeftRuns;

TEST_F(TextScoresTest, StandBesideTheHeldOutLoss) {
  const recipe::Study made =
      study("recipe: r.yaml\nvariants: {a: {seeds: [0, 1, 2]}}\ntext: [here, there]\n");
  for (const recipe::StudyRun& run : made.runs) leave_run(run, {4.0});
  leave_text_score(made.runs[0], 3.5, 1.25);
  leave_text_score(made.runs[1], 3.0, 1.0);
  const auto runs = read_results(made);
  EXPECT_FALSE(runs[2].text_score.has_value());
  const Comparison comparison = compare(made, runs);
  EXPECT_EQ(comparison.variants[0].text_loss.value().median, 3.25);
  EXPECT_THAT(to_text(comparison),
              AllOf(HasSubstr("loss on text"), HasSubstr("3.2500 (3.0000 to 3.5000)"),
                    HasSubstr("1.1250 (1.0000 to 1.2500)"), Not(HasSubstr("GLUE"))));
  const auto json = nlohmann::json::parse(to_json(made, comparison, runs));
  EXPECT_EQ(json.at("variants")[0].at("text_bits_per_byte").at("largest"), 1.25);
  EXPECT_EQ(json.at("runs")[1].at("text_loss"), 3.0);
  EXPECT_THAT(to_text(compare(study(), read_results(study()))), Not(HasSubstr("on text")));
}

TEST_F(TextScoresTest, CountForTheirTextAndModelAlone) {
  const std::string rest = "recipe: r.yaml\nvariants: {a: }\n";
  const recipe::Study made = study(rest + "text: [here, there]\n");
  leave_run(made.runs[0], {4.0});
  leave_text_score(made.runs[0], 3.5, 1.25);
  const auto is_there = [](const recipe::Study& asked) {
    return read_results(asked)[0].text_score.has_value();
  };
  EXPECT_TRUE(is_there(made));
  EXPECT_FALSE(is_there(study(rest)));
  EXPECT_FALSE(is_there(study(rest + "text: [there, here]\n")));
  leave_text_score(made.runs[0], 3.5, 1.25, [](TextScore& score) { score.held_out_only = false; });
  EXPECT_FALSE(is_there(made)) << "it may have learned from that";
  leave_text_score(made.runs[0], 3.5, 1.25);
  std::ofstream(run_folder(made.runs[0]) / "model/model.safetensors") << "Weights of a-0";
  EXPECT_FALSE(is_there(made));
}

TEST_F(TextScoresTest, SayThatTheTextHasChangedBetweenThem) {
  const recipe::Study made =
      study("recipe: r.yaml\nvariants: {a: {seeds: [0, 1]}}\ntext: [here, there]\n");
  for (const recipe::StudyRun& run : made.runs) leave_run(run, {4.0});
  leave_text_score(made.runs[0], 3.5, 1.25);
  leave_text_score(made.runs[1], 3.5, 1.25);
  EXPECT_THAT(to_text(compare(made, read_results(made))), Not(HasSubstr("different texts")));
  leave_text_score(made.runs[1], 3.5, 1.25, [](TextScore& score) { score.text_hash = "another"; });
  const auto runs = read_results(made);
  const Comparison comparison = compare(made, runs);
  for (const std::string& shown :
       {to_text(comparison), to_markdown(comparison), to_html(made, comparison, runs)}) {
    EXPECT_THAT(shown, HasSubstr("different texts"));
  }
}

TEST_F(TextScoresTest, AreRefusedWhereEvaluationDidNotWriteThem) {
  const recipe::Study made = study("recipe: r.yaml\nvariants: {a: }\ntext: [here, there]\n");
  leave_run(made.runs[0], {4.0});
  for (const char* damaged : {"", "{}", "[]", R"({"held_out_only":1})"}) {
    std::ofstream(text_score_file(made.runs[0])) << damaged;
    try {
      (void)read_results(made);
      ADD_FAILURE() << damaged;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      EXPECT_THAT(error.what(), HasSubstr("text/a-0.json: damaged"));
    }
  }
}

}  // namespace
}  // namespace cram::study
