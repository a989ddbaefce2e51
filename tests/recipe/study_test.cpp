#include "cram/recipe/study.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"

#include "support/mutator.h"
#include "support/temp_folder.h"

namespace cram::recipe {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class StudyTest : public testing::Test {
 protected:
  StudyTest() {
    write("base.yaml", "budget: {steps: 10}\ndata: {sources: text}\nmodel: {layers: 2}\n");
    write("other.yaml", "base: base.yaml\nmodel: {layers: 3}\n");
  }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
  }

  Study load(const std::string& text) {
    write("s.yaml", text);
    return load_study(folder_ / "s.yaml", "out");
  }

  std::string problems_of(const std::string& text) {
    try {
      (void)load(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      return error.what();
    }
    return "no problem";
  }

  test::TempFolder folder_;
};

TEST_F(StudyTest, HasARunForEachVariantAndSeed) {
  const Study study = load(
      "recipe: base.yaml\nsettings: [batch.size=8, budget.steps=5]\nseeds: [0, 4]\n"
      "target_loss: 4.5\nvariants:\n  plain:\n  wide: [batch.size=16]\n"
      "  other: {recipe: other.yaml, settings: [model.heads=2], seeds: [7]}\n");
  EXPECT_EQ(study.name, "s");
  EXPECT_EQ(study.target_loss, 4.5);
  EXPECT_THAT(study.variants, ElementsAre("plain", "wide", "other"));
  ASSERT_EQ(study.runs.size(), 5U);
  const StudyRun &plain = study.runs[1], &wide = study.runs[2], &other = study.runs[4];
  EXPECT_EQ(plain.recipe.name, "plain-4");
  EXPECT_EQ(plain.recipe.runs_folder, "out/s/runs");
  EXPECT_EQ(plain.recipe.seed, 4);
  EXPECT_EQ(plain.recipe.batch.size, 8);
  EXPECT_EQ(plain.recipe.budget.steps, 5);
  EXPECT_EQ(wide.recipe.batch.size, 16);
  EXPECT_THAT(wide.settings, ElementsAre("batch.size=8", "budget.steps=5", "batch.size=16"));
  EXPECT_EQ(other.recipe.model.layers, 3);
  EXPECT_EQ(other.recipe.model.heads, 2);
  EXPECT_EQ(other.recipe.seed, 7);
}

TEST_F(StudyTest, MayFineTuneWhatItTrains) {
  write("glue.yaml", "finetune: {epochs: 2, seeds: 3}\n");
  const std::string rest = "recipe: base.yaml\nvariants: {a: }\n";
  const Study own = load(rest +
                         "glue: {tasks: [sst2, rte], data: there, recipe: glue.yaml, "
                         "settings: [finetune.seeds=1]}\n");
  ASSERT_TRUE(own.glue.has_value());
  EXPECT_THAT(own.glue->tasks, ElementsAre("sst2", "rte"));
  EXPECT_EQ(own.glue->data, "there");
  EXPECT_EQ(own.glue->file, folder_ / "glue.yaml");
  EXPECT_EQ(own.glue->recipe.finetune.epochs, 2);
  EXPECT_EQ(own.glue->recipe.finetune.seeds, 1);
  const Study plain = load(rest + "glue: {tasks: [rte]}\n");
  EXPECT_EQ(plain.glue->data, "data/glue");
  EXPECT_EQ(plain.glue->file, "");
  EXPECT_EQ(plain.glue->recipe.finetune, defaults(Purpose::kFineTuning).finetune);
  EXPECT_FALSE(load(rest).glue.has_value());

  EXPECT_THAT(problems_of(rest + "glue: {data: there}\n"), HasSubstr("'glue' needs 'tasks'"));
  EXPECT_THAT(problems_of(rest + "glue: {tasks: rte}\n"),
              HasSubstr("tasks are a list of different names"));
  EXPECT_THAT(problems_of(rest + "glue: {tasks: [rte, sst2, rte]}\n"),
              HasSubstr("tasks are a list of different names"));
  EXPECT_THAT(problems_of(rest + "glue: {tasks: [../rte]}\n"), HasSubstr("tasks are a list"));
  EXPECT_THAT(problems_of(rest + "glue: rte\n"), HasSubstr("'glue' is a mapping"));
  EXPECT_THAT(problems_of(rest + "glue: {tasks: [rte], settings: [batch.size=0]}\n"),
              HasSubstr("s.yaml: glue"));
}

TEST_F(StudyTest, MayScoreItsModelsOnText) {
  const std::string rest = "recipe: base.yaml\nvariants: {a: }\n";
  EXPECT_THAT(load(rest + "text: [there, here.txt]\n").text, ElementsAre("there", "here.txt"));
  EXPECT_TRUE(load(rest).text.empty());
  const auto refused = [&](const std::string& setting) {
    return problems_of("recipe: base.yaml\ntext: [there]\nvariants: {a: , b: ['" + setting +
                       "']}\n");
  };
  EXPECT_THAT(refused("data.held_out_share=0.5"),
              HasSubstr("text, variant 'b': data.held_out_share"));
  EXPECT_THAT(refused("data.clean_unicode=true"), HasSubstr("so its text is another"));
  EXPECT_THAT(refused("data.join_records=[2]"), HasSubstr("data.join_records"));
  EXPECT_THAT(refused("selection.substring_bytes=75"), HasSubstr("selection.substring_bytes"));
  EXPECT_THAT(problems_of(rest + "text: there\n"), HasSubstr("'text' is a list of files"));
  EXPECT_THAT(problems_of(rest + "text: []\n"), HasSubstr("'text' names no source"));
  EXPECT_THAT(problems_of(rest + "text: [{a: b}]\n"), HasSubstr("'text' is a list of files"));
}

TEST_F(StudyTest, MayHaveANameOfItsOwn) {
  const Study study = load("name: sizes\nrecipe: base.yaml\nvariants: {a: }\n");
  EXPECT_EQ(study.name, "sizes");
  EXPECT_EQ(study.runs.front().recipe.runs_folder, "out/sizes/runs");
  EXPECT_EQ(study.runs.front().recipe.name, "a-0");
}

TEST_F(StudyTest, ListsAllProblemsWithTheirPlaces) {
  EXPECT_THAT(problems_of("recipe: base.yaml\nseed: [1]\nseeds: [1, 1]\ntarget_loss: -1\n"
                          "variants:\n  a: [x]\n  a:\n  ../b:\n"),
              AllOf(HasSubstr("s.yaml:2:1: unknown key 'seed'"),
                    HasSubstr("s.yaml:3:8: seeds are a list of different whole numbers"),
                    HasSubstr("s.yaml:4:14: 'target_loss' must be a positive number"),
                    HasSubstr("s.yaml:6:6: settings are a list"),
                    HasSubstr("s.yaml:7:3: this variant is there twice"),
                    HasSubstr("s.yaml:8:3: '../b' is no name")));
}

TEST_F(StudyTest, NeedsARecipeAndVariants) {
  EXPECT_THAT(problems_of("variants: {a: }\n"),
              HasSubstr("neither it nor the study has a 'recipe'"));
  EXPECT_THAT(problems_of("recipe: base.yaml\n"), HasSubstr("a study needs 'variants'"));
  EXPECT_THAT(problems_of("recipe: base.yaml\nvariants: {}\n"),
              HasSubstr("'variants' is a mapping"));
  EXPECT_THAT(problems_of("recipe: base.yaml\nvariants: {a: {seeds: []}}\n"),
              HasSubstr("there must be a seed"));
  EXPECT_THAT(problems_of("just text"), HasSubstr("a study is a mapping"));
}

TEST_F(StudyTest, ChecksEveryRecipeBeforeAnythingRuns) {
  EXPECT_THAT(problems_of("recipe: base.yaml\nvariants:\n  a:\n  b: [model.lairs=3]\n"),
              AllOf(HasSubstr("s.yaml:4: variant 'b': "), HasSubstr("model.lairs")));
  EXPECT_THAT(problems_of("recipe: nowhere.yaml\nvariants: {a: }\n"),
              HasSubstr("cannot read the recipe"));
}

TEST_F(StudyTest, SaysThatAStudyCannotBeRead) {
  EXPECT_THROW((void)load_study(folder_ / "nowhere.yaml", "out"), Error);
}

TEST_F(StudyTest, EndsWellWhateverTheFileHolds) {
  const std::string good =
      "name: s\nrecipe: base.yaml\nsettings: [batch.size=8]\nseeds: [0, 4]\ntarget_loss: 4.5\n"
      "variants:\n  a:\n  b: [batch.size=16]\n  c: {recipe: other.yaml, seeds: [7]}\n";
  test::Mutator mutator(
      3, {"variants:", "seeds:", "[", "]", "{", "}", "\n  ", "=", "- ", "&a", "*a"}, 6);
  int refused = 0;
  for (int i = 0; i < 1000; ++i) {
    try {
      (void)load(i % 10 == 0 ? mutator.noise() : mutator.mutate(good));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(refused, 250);
  EXPECT_LT(refused, 1000);
}

}  // namespace
}  // namespace cram::recipe
