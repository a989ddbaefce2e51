// `cram pretrain` with model.from, as its users meet it.
#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workspace.h"

namespace cram::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kOutside = "outside the rules of cramming";

// A workspace with a trained model in runs/tiny.
class Continue : public testing::Test {
 protected:
  Continue() {
    first_ = workspace_.run(Workspace::pretrain({"validation.at=[0,1]"}));
    std::filesystem::copy(workspace_.folder / "runs/tiny/model", workspace_.folder / "m",
                          std::filesystem::copy_options::recursive);
  }

  [[nodiscard]] static std::vector<std::string> command(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"name=more", "model.from=m", "validation.at=[0,1]"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Workspace::pretrain(arguments);
  }
  [[nodiscard]] Finished go_on(const std::vector<std::string>& more = {}) const {
    return workspace_.run(command(more));
  }
  [[nodiscard]] std::vector<double> held_out_losses(const std::string& run) const {
    std::vector<double> losses;
    std::istringstream lines(workspace_.file("runs/" + run + "/events.jsonl"));
    for (std::string line; std::getline(lines, line);) {
      const auto event = nlohmann::json::parse(line);
      if (event.at("event") == "validation") losses.push_back(event.at("loss"));
    }
    return losses;
  }

  Workspace workspace_;
  Finished first_;
};

TEST_F(Continue, BeginsWhereTheModelStoodAndGetsBetter) {
  ASSERT_EQ(first_.exit_code, 0) << first_.errors;
  const Finished result = go_on({"budget.steps=200"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const std::vector<double> before = held_out_losses("tiny"), after = held_out_losses("more");
  ASSERT_EQ(before.size(), 2U);
  ASSERT_EQ(after.size(), 2U);
  EXPECT_NEAR(after.front(), before.back(), 1e-6);
  EXPECT_LT(after.back(), before.back() - 0.05);
}

TEST_F(Continue, IsMarkedInAllThatTheRunLeaves) {
  ASSERT_EQ(go_on({"budget.steps=2"}).exit_code, 0);
  EXPECT_THAT(workspace_.file("runs/more/events.jsonl"), HasSubstr(kOutside));
  EXPECT_THAT(workspace_.file("runs/more/report.html"), HasSubstr(kOutside));
  EXPECT_THAT(workspace_.file("runs/more/model/README.md"), HasSubstr(kOutside));
  EXPECT_THAT(workspace_.file("runs/more/recipe.yaml"),
              AllOf(HasSubstr("  from: m\n"), HasSubstr("  layers: 2\n")));
  EXPECT_THAT(workspace_.file("runs/tiny/events.jsonl"), Not(HasSubstr(kOutside)));
  const Finished mask = workspace_.run(
      Workspace::command({"fill-mask", "--checkpoint", "runs/more", "The [MASK] dog."}));
  EXPECT_EQ(mask.exit_code, 0) << mask.errors;
}

TEST_F(Continue, GoesOnAfterAnInterruptionAlsoWithoutTheFolder) {
  const std::vector<std::string> long_enough = {"budget.steps=150"};
  {
    Process process(command(long_enough),
                    {.folder = workspace_.folder.path(), .file_size_limit = {}});
    ASSERT_TRUE(workspace_.wait_until_trained(process, "runs/more"));
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait().exit_code, 128 + SIGTERM);
  }
  std::filesystem::remove_all(workspace_.folder / "m");
  const Finished exported = workspace_.run(
      Workspace::command({"export", "--checkpoint", "runs/more", "--output", "out"}));
  EXPECT_EQ(exported.exit_code, 0) << exported.errors;
  const Finished rest = go_on(long_enough);
  EXPECT_EQ(rest.exit_code, 0) << rest.errors;
  EXPECT_TRUE(workspace_.has("runs/more/model/model.safetensors"));

  const Finished other = go_on({"name=other"});
  EXPECT_EQ(other.exit_code, 3);
  EXPECT_THAT(other.errors, HasSubstr("m: the folder of 'model.from' is not there"));
}

TEST_F(Continue, GoesByItsOwnFilesOnceItHasBegun) {
  ASSERT_EQ(go_on({"budget.steps=2"}).exit_code, 0);
  const std::string model = workspace_.file("runs/more/model/model.safetensors");
  for (const char* change : {"other", "empty"}) {
    std::filesystem::remove_all(workspace_.folder / "m");
    make_folders(workspace_.folder / "m");
    if (change == std::string("other")) {
      ASSERT_EQ(
          workspace_
              .run(Workspace::pretrain({"name=wide", "model.hidden_size=48", "budget.steps=2"}))
              .exit_code,
          0);
      std::filesystem::copy(workspace_.folder / "runs/wide/model", workspace_.folder / "m",
                            std::filesystem::copy_options::overwrite_existing);
    }
    const Finished again = go_on({"budget.steps=2"});
    EXPECT_EQ(again.exit_code, 0) << change << again.errors;
    EXPECT_THAT(again.errors, HasSubstr("has finished already")) << change;
    EXPECT_EQ(workspace_.file("runs/more/model/model.safetensors"), model);
    const Finished dry = go_on({"budget.steps=2", "--dry-run"});
    EXPECT_EQ(dry.exit_code, 0) << change << dry.errors;
  }
  EXPECT_EQ(go_on({"budget.steps=2", "--fresh"}).exit_code, 3) << "an empty folder is no start";
  EXPECT_TRUE(workspace_.has("runs/more/model/model.safetensors")) << "and the old run stays";
}

TEST_F(Continue, StartsOverWithWhatTheFolderHoldsNow) {
  ASSERT_EQ(go_on({"budget.steps=2"}).exit_code, 0);
  ASSERT_EQ(
      workspace_.run(Workspace::pretrain({"name=wide", "model.hidden_size=48", "budget.steps=2"}))
          .exit_code,
      0);
  std::filesystem::remove_all(workspace_.folder / "m");
  std::filesystem::copy(workspace_.folder / "runs/wide/model", workspace_.folder / "m",
                        std::filesystem::copy_options::recursive);
  const Finished dry = go_on({"budget.steps=2", "--fresh", "--dry-run"});
  EXPECT_EQ(dry.exit_code, 0) << dry.errors;
  const Finished fresh = go_on({"budget.steps=2", "--fresh"});
  ASSERT_EQ(fresh.exit_code, 0) << fresh.errors;
  EXPECT_THAT(workspace_.file("runs/more/recipe.yaml"), HasSubstr("  hidden_size: 48\n"));
  EXPECT_THAT(workspace_.file("runs/more.1/recipe.yaml"), HasSubstr("  hidden_size: 32\n"));
}

TEST_F(Continue, SetsNoRunAsideForWhatCannotBeTrained) {
  ASSERT_EQ(go_on({"budget.steps=2"}).exit_code, 0);
  replace_in_file(workspace_.folder / "m/model.safetensors", "layers.1.", "layers.9.");
  for (const std::string problem : {"seed=0", "data.sources=[nowhere.txt]"}) {
    const Finished result = go_on({"budget.steps=2", "--fresh", problem});
    EXPECT_EQ(result.exit_code, 3) << problem << result.errors;
    EXPECT_FALSE(workspace_.has("runs/more.1")) << problem;
  }
}

TEST_F(Continue, SetsNoRunAsideThatItWouldBeginWith) {
  ASSERT_EQ(go_on({"budget.steps=2"}).exit_code, 0);
  for (const char* from : {"runs/more", "runs/more/model", "m/../runs/more/model"}) {
    const Finished result =
        workspace_.run(command({std::string("model.from=") + from, "budget.steps=2", "--fresh"}));
    EXPECT_EQ(result.exit_code, 2) << from << result.errors;
    EXPECT_THAT(result.errors, HasSubstr("is in the run that --fresh would set aside")) << from;
    EXPECT_TRUE(workspace_.has("runs/more/model/model.safetensors")) << from;
    EXPECT_FALSE(workspace_.has("runs/more.1")) << from;
  }
}

TEST_F(Continue, RefusesWhatContradictsTheFolder) {
  const Finished layers = go_on({"model.layers=4"});
  EXPECT_EQ(layers.exit_code, 2);
  EXPECT_THAT(layers.errors, HasSubstr("'model.layers' is 4, but the model in 'm' has 2"));
  const Finished tokenizer = go_on({"tokenizer.vocab_size=100"});
  EXPECT_EQ(tokenizer.exit_code, 2);
  EXPECT_THAT(tokenizer.errors, HasSubstr("'tokenizer.vocab_size' has no effect here"));
  std::filesystem::resize_file(workspace_.folder / "m/model.safetensors", 2000);
  const Finished damaged = go_on();
  EXPECT_EQ(damaged.exit_code, 3);
  EXPECT_THAT(damaged.errors, HasSubstr("m/model.safetensors: "));
  EXPECT_FALSE(workspace_.has("runs/more")) << "left something of a run that never began";
}

TEST_F(Continue, IsCheckedByADryRunAndShownByTheRecipe) {
  const Finished dry = go_on({"--dry-run", "--json"});
  ASSERT_EQ(dry.exit_code, 0) << dry.errors;
  const auto loss_of = [](const Finished& run) {
    return nlohmann::json::parse(run.output).at("first_loss").get<double>();
  };
  const Finished fresh = workspace_.run(Workspace::pretrain({"name=more", "--dry-run", "--json"}));
  EXPECT_GT(std::abs(loss_of(dry) - loss_of(fresh)), 0.3) << "on the same batch";
  const Finished shown = workspace_.run(
      Workspace::command({"recipe", "show", "--config", "recipe.yaml", "model.from=m"}));
  EXPECT_THAT(shown.output, AllOf(HasSubstr("  hidden_size: 32\n"), Not(HasSubstr("tokenizer:"))));
}

}  // namespace
}  // namespace cram::test
