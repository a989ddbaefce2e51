// cram plan on a study of seconds.
#include <nlohmann/json.hpp>

#include <gmock/gmock.h>

#include "workspace.h"

namespace cram::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class PlanCommand : public testing::Test {
 protected:
  PlanCommand() {
    std::string study =
        "recipe: recipe.yaml\nsettings: [\"validation.at=[1.0]\", model.heads=2]\nvariants:\n";
    for (const int width : {16, 32, 48}) {
      for (const int steps : {4, 12, 36}) {
        study += "  w" + std::to_string(width) + "-" + std::to_string(steps) +
                 ": [model.hidden_size=" + std::to_string(width) +
                 ", model.intermediate_size=" + std::to_string(width) +
                 ", budget.steps=" + std::to_string(steps) + "]\n";
      }
    }
    write_file_atomic(workspace_.folder / "sizes.yaml", study);
  }

  [[nodiscard]] Finished plan(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"plan", "--study", "sizes.yaml"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return workspace_.run(Workspace::command(arguments));
  }

  Workspace workspace_;
};

TEST_F(PlanCommand, SaysWhatABudgetBuys) {
  const Finished study = workspace_.run(Workspace::command({"study", "sizes.yaml"}));
  ASSERT_EQ(study.exit_code, 0) << study.errors;
  const Finished text = plan({"--budget", "10m", "--width", "16,32", "--layers", "2"});
  ASSERT_EQ(text.exit_code, 0) << text.errors;
  EXPECT_THAT(text.output,
              AllOf(HasSubstr("studied  9 runs, batches of 16 and a vocabulary of 150"),
                    HasSubstr("what 10m buy on this machine, best first"),
                    HasSubstr("beyond all that was studied"),
                    HasSubstr("\ncram pretrain --config recipe.yaml 'validation.at=[1.0]' "
                              "model.heads=2 budget.time=10m name=plan-10m-w")));
  EXPECT_THAT(text.errors, HasSubstr("measuring  2 of 2: width 32, 2 layers"));
  EXPECT_FALSE(workspace_.has("runs")) << "a dry run leaves nothing";

  const Finished json =
      plan({"--budget", "10m", "--width", "32", "--config", "recipe.yaml", "--json", "--quiet"});
  ASSERT_EQ(json.exit_code, 0) << json.errors;
  EXPECT_THAT(json.errors, IsEmpty());
  const auto run = nlohmann::json::parse(json.output).at("runs").at(0);
  EXPECT_EQ(run.at("width"), 32);
  EXPECT_EQ(run.at("tokens"), 600 * run.at("tokens_per_second").get<double>());
  EXPECT_LT(run.at("loss_low"), run.at("loss_high"));
  EXPECT_GT(run.at("beyond").at("tokens"), 1);
  EXPECT_GT(run.at("training_tokens"), 0);
}

TEST_F(PlanCommand, SaysWhichRunsAreMissing) {
  const Finished result = plan({"--budget", "1h"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, AllOf(HasSubstr("error: there are not runs enough"),
                                   HasSubstr("9 runs: not finished (w16-4-0"),
                                   HasSubstr("hint: configs/study/scaling.yaml")));
}

TEST_F(PlanCommand, RefusesWhatIsNoBudgetOrNoSize) {
  for (const char* budget : {"24", "soon", "-1h", ""}) {
    const Finished result = plan({"--budget", budget});
    EXPECT_EQ(result.exit_code, 2) << budget;
    EXPECT_THAT(result.errors, HasSubstr("--budget")) << budget;
  }
  EXPECT_EQ(plan({"--budget", "1h", "--width", "0"}).exit_code, 2);
}

}  // namespace
}  // namespace cram::test
