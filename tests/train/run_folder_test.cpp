#include "cram/train/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/recipe/load.h"

#include "support/temp_folder.h"

namespace cram::train {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class RunFolderTest : public testing::Test {
 protected:
  [[nodiscard]] recipe::Recipe recipe(const std::vector<std::string>& overrides = {}) const {
    return recipe::parse("runs_folder: " + folder_.path().string() +
                             "\nname: run\nbudget: {steps: 10}\ndata: {sources: [text]}\n",
                         "test.yaml", overrides);
  }

  // Makes the folder look like that of a run that has saved a checkpoint.
  void begin_run(const recipe::Recipe& recipe) const {
    const RunFolder run(recipe, {});
    make_folders(run.paths().checkpoints() / "step-1");
  }

  test::TempFolder folder_;
};

TEST_F(RunFolderTest, ContinuesARunOfTheSameRecipe) {
  EXPECT_FALSE(RunFolder(recipe(), {}).continues());
  begin_run(recipe());
  EXPECT_TRUE(RunFolder(recipe(), {}).continues());
}

TEST_F(RunFolderTest, RefusesAnotherRecipeAndNamesTheKeys) {
  begin_run(recipe());
  try {
    const RunFolder run(recipe({"optimizer.learning_rate=0.5", "model.layers=3"}), {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("optimizer.learning_rate"), HasSubstr("0.5"),
                                    HasSubstr("model.layers")));
  }
}

TEST_F(RunFolderTest, AcceptsChangesThatTouchNoWeight) {
  begin_run(recipe());
  EXPECT_TRUE(RunFolder(recipe({"logging.every=5s", "device.threads=1"}), {}).continues());
}

TEST_F(RunFolderTest, AcceptsANamedChangeButNeverOfTheModel) {
  begin_run(recipe());
  EXPECT_TRUE(RunFolder(recipe({"budget.steps=20"}), {false, {"budget.steps"}}).continues());
  EXPECT_THROW(RunFolder(recipe({"budget.steps=20", "model.layers=3"}), {false, {"model.layers"}}),
               Error);
  const std::string other_text = "selection.repetition";
  EXPECT_THROW(RunFolder(recipe({"budget.steps=20", other_text + "=true"}), {false, {other_text}}),
               Error);
}

TEST_F(RunFolderTest, SetsTheOldRunAsideWhenAskedTo) {
  begin_run(recipe());
  EXPECT_FALSE(RunFolder(recipe({"model.layers=3"}), {true, {}}).continues());
  EXPECT_TRUE(std::filesystem::exists(folder_ / "run.1/checkpoints/step-1"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "run/checkpoints"));
}

TEST_F(RunFolderTest, MayBeginAgainWithAnyRecipeBeforeTheFirstCheckpoint) {
  { const RunFolder run(recipe(), {}); }
  EXPECT_FALSE(RunFolder(recipe({"model.layers=3"}), {}).continues());
}

TEST_F(RunFolderTest, IsARunAsLongAsItHoldsAModel) {
  begin_run(recipe());
  std::filesystem::rename(folder_ / "run/checkpoints", folder_ / "run/model");
  EXPECT_TRUE(RunFolder(recipe(), {}).continues());
  EXPECT_THROW(RunFolder(recipe({"model.layers=3"}), {}), Error);
}

TEST_F(RunFolderTest, RefusesCheckpointsOfAnUnknownRecipe) {
  begin_run(recipe());
  std::filesystem::remove(folder_ / "run/recipe.yaml");
  EXPECT_THROW(RunFolder(recipe(), {}), Error);
  EXPECT_NO_THROW(RunFolder(recipe(), {true, {}}));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "run.1/checkpoints/step-1"));
}

TEST_F(RunFolderTest, IsCheckedWithoutATrace) {
  EXPECT_NO_THROW(check_run_folder(recipe(), {}));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "run"));
  begin_run(recipe());
  EXPECT_NO_THROW(check_run_folder(recipe(), {}));
  EXPECT_THROW(check_run_folder(recipe({"model.layers=3"}), {}), Error);
  EXPECT_NO_THROW(check_run_folder(recipe({"model.layers=3"}), {true, {}}));
}

TEST_F(RunFolderTest, RemovesWhatAKilledExportLeft) {
  make_folders(folder_ / "run/.model.partial-77");
  const RunFolder run(recipe(), {});
  EXPECT_FALSE(std::filesystem::exists(folder_ / "run/.model.partial-77"));
}

TEST_F(RunFolderTest, BelongsToOneProcess) {
  const RunFolder run(recipe(), {});
  EXPECT_THROW(RunFolder(recipe(), {}), Error);
}

}  // namespace
}  // namespace cram::train
