// The recipes that ship with the program: they load, open with what people need to know, and are
// the published ones where they say so.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/recipe/load.h"
#include "cram/recipe/study.h"

#include "config_files.h"

namespace cram::recipe {
namespace {

namespace fs = std::filesystem;
using test::config_files;
using test::kPurposes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;

Recipe config(const std::string& name, Purpose purpose = Purpose::kPretraining) {
  return load(fs::path(CRAM_SOURCE_DIR) / "configs" / (name + ".yaml"), {}, purpose);
}

std::vector<std::string> config_names(Purpose purpose) {
  std::vector<std::string> names;
  for (const fs::path& file : config_files(purpose)) names.push_back(file.stem().string());
  return names;
}

std::vector<std::string> keys_of(const std::vector<Difference>& differences) {
  std::vector<std::string> keys;
  for (const Difference& difference : differences) keys.push_back(difference.key);
  return keys;
}

// Parameters as the published models count them: a tied decoder once.
std::int64_t parameters(const Recipe& recipe) {
  const Model& m = recipe.model;
  const std::int64_t h = m.hidden_size;
  const std::int64_t vocab = recipe.tokenizer.vocab_size;
  const std::int64_t inner = m.intermediate_size * (m.gated ? 2 : 1);
  const std::int64_t norm = h * 2;
  const std::int64_t rows = m.max_positions > 0 ? m.max_positions : recipe.sequence.length;
  std::int64_t layer = 4 * h * h + h * inner + m.intermediate_size * h + 2 * norm;
  if (m.attention_bias) layer += 4 * h;
  if (m.feed_forward_bias) layer += inner + h;
  std::int64_t count = (vocab + m.segments) * h + m.layers * layer;
  count += m.positions == Positions::kLearned ? rows * h : 1;
  count += (m.embedding_norm ? norm : 0) + (m.final_norm ? norm : 0);
  if (m.head_transform == HeadTransform::kLinear) count += h * h;
  if (m.head_transform == HeadTransform::kBert) count += h * h + h + norm;
  return count + (m.decoder_bias ? vocab : 0);
}

TEST(Configs, AreTheOnesThatPeopleExpect) {
  EXPECT_THAT(config_names(Purpose::kPretraining),
              testing::IsSupersetOf({"quickstart", "pocket", "pocket-20m", "pocket-8h",
                                     "crammed-bert", "crammed-bert-v1", "bert-base",
                                     "bert-base-24h", "izsak-bert-large-24h"}));
  EXPECT_THAT(config_names(Purpose::kFineTuning),
              UnorderedElementsAre("glue-sane", "glue-bert", "glue-compat"));
}

TEST(Configs, LoadAndReadBack) {
  for (const Purpose purpose : kPurposes) {
    for (const fs::path& file : config_files(purpose)) {
      const Recipe recipe = load(file, {}, purpose);
      EXPECT_EQ(recipe.name, file.stem().string());
      EXPECT_EQ(parse(to_yaml(recipe), "resolved.yaml", {}, purpose), recipe) << file;
      EXPECT_EQ(parse(to_yaml(recipe, Comments::kAll), "commented.yaml", {}, purpose), recipe)
          << file;
    }
  }
}

void expect_opening(const fs::path& file, const std::string& command, const std::string& end) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_THAT(text.str(), StartsWith("# ")) << file;
  for (const char* heading : {"\n# Hardware  ", "\n# Time      ", "\n# Numbers   "}) {
    EXPECT_THAT(text.str(), HasSubstr(heading)) << file;
  }
  EXPECT_THAT(text.str(), HasSubstr("\n# Run       cram " + command + " --config configs/" +
                                    file.filename().string() + end))
      << file;
}

TEST(Configs, OpenWithPurposeHardwareTimeNumbersAndCommand) {
  for (const fs::path& file : config_files(Purpose::kPretraining)) {
    expect_opening(file, "pretrain", "\n");
  }
  for (const fs::path& file : config_files(Purpose::kFineTuning)) {
    expect_opening(file, "finetune", " --task all --checkpoint ");
  }
}

TEST(Configs, HaveThePublishedNumberOfParameters) {
  EXPECT_EQ(parameters(config("crammed-bert")), 119'589'889);
  EXPECT_EQ(parameters(config("crammed-bert-v1")), 119'589'889 + 768 * 768);
  EXPECT_EQ(parameters(config("izsak-bert-large-24h")), 337'081'344);
  // Hugging Face's BertForMaskedLM with the vocabulary of bert-base-uncased.
  EXPECT_EQ(parameters(config("bert-base")), 109'514'298);
}

TEST(Configs, OfCrammedBertTrainAsThePaperDoes) {
  const Recipe recipe = config("crammed-bert");
  EXPECT_EQ(recipe.budget, Budget{.time = Seconds(86400)});
  EXPECT_EQ(recipe.batch.size, 8192);
  EXPECT_EQ(recipe.batch.ramp, 0.6);
  EXPECT_EQ(recipe.optimizer.type, OptimizerType::kAdamW);
  EXPECT_EQ(recipe.optimizer.learning_rate, 1e-3);
  EXPECT_EQ(recipe.optimizer.clip_norm, 0.5);
  EXPECT_EQ(recipe.schedule.shape, ScheduleShape::kTriangle);
  EXPECT_EQ(recipe.objective.masking_rate, 0.25);
  EXPECT_TRUE(recipe.tokenizer.ascii_only);

  EXPECT_THAT(keys_of(differences(recipe, config("crammed-bert-v1"))),
              ElementsAre("name", "model.head_transform", "objective.masking_rate", "batch.size",
                          "batch.ramp"));
}

TEST(Configs, OfStoppedBertBaseKeepsThePeakRate) {
  EXPECT_THAT(keys_of(differences(config("bert-base"), config("bert-base-24h"))),
              UnorderedElementsAre("name", "budget.time", "budget.steps", "schedule.shape",
                                   "schedule.warmup", "schedule.cooldown"));
}

TEST(Configs, TakeTheCommandsOfTheReadme) {
  const fs::path folder = CRAM_SOURCE_DIR "/configs";
  EXPECT_THAT(load(folder / "quickstart.yaml", {"data.sources=my-folder"}).data.sources,
              ElementsAre("my-folder"));
  const Recipe recipe =
      load(folder / "pocket.yaml", {"tokenizer.file=vocab.txt", "budget.time=20m"});
  EXPECT_EQ(recipe.budget.time, Seconds(1200));
  EXPECT_EQ(load(folder / "pocket.yaml", {"optimizer.type=adamw"}).optimizer.type,
            OptimizerType::kAdamW);
}

TEST(Configs, OfGlueAreTheProtocolOfTheCrammingPaper) {
  const Recipe recipe = config("glue-sane", Purpose::kFineTuning);
  EXPECT_EQ(recipe.finetune, (FineTuning{.epochs = 5,
                                         .max_length = 128,
                                         .seeds = 5,
                                         .pooling = Pooling::kFirstToken,
                                         .head_size = 1024,
                                         .dropout = 0.1}));
  EXPECT_EQ(recipe.batch.size, 16);
  EXPECT_EQ(recipe.optimizer, (Optimizer{.type = OptimizerType::kAdamW,
                                         .learning_rate = 4e-5,
                                         .beta1 = 0.9,
                                         .beta2 = 0.98,
                                         .epsilon = 1e-6,
                                         .weight_decay = 0,
                                         .clip_norm = 0}));
  EXPECT_EQ(recipe.schedule.shape, ScheduleShape::kCosine);
  EXPECT_EQ(recipe.schedule.warmup, 0.1);
}

TEST(Configs, OfGlueStartFromTheDefaults) {
  EXPECT_EQ(config("glue-sane", Purpose::kFineTuning), defaults(Purpose::kFineTuning));
}

TEST(Configs, OfGlueForBertTakeTheRowOfThePaper) {
  const Recipe sane = config("glue-sane", Purpose::kFineTuning);
  const Recipe bert = config("glue-bert", Purpose::kFineTuning);
  EXPECT_EQ(bert.batch.size, 32);
  EXPECT_EQ(bert.optimizer.learning_rate, 2e-5);
  EXPECT_EQ(bert.schedule.shape, ScheduleShape::kLinear);
  EXPECT_EQ(bert.finetune.epochs, 5);
  EXPECT_EQ(bert.finetune.head_size, 0);
  EXPECT_THAT(keys_of(differences(sane, bert)),
              ElementsAre("name", "finetune.head_size", "optimizer.learning_rate", "schedule.shape",
                          "batch.size"));
}

TEST(Configs, OfGlueForComparisonHaveTheTwoQuirks) {
  const Recipe sane = config("glue-sane", Purpose::kFineTuning);
  const Recipe compat = config("glue-compat", Purpose::kFineTuning);
  EXPECT_EQ(compat.finetune.warmup_updates, 267);
  EXPECT_TRUE(compat.finetune.second_separator);
  EXPECT_THAT(keys_of(differences(sane, compat)),
              ElementsAre("name", "finetune.warmup_updates", "finetune.second_separator",
                          "schedule.warmup"));
}

TEST(Configs, HoldStudiesWhoseVariantsAreRecipesThatDiffer) {
  int studies = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(CRAM_SOURCE_DIR) / "configs/study")) {
    const Study study = load_study(entry.path(), "out");
    EXPECT_GE(study.variants.size(), 2U) << entry.path();
    ++studies;
    std::set<std::string> recipes;
    for (const StudyRun& run : study.runs) {
      Recipe nameless = run.recipe;
      nameless.name = "x";
      EXPECT_TRUE(recipes.insert(to_yaml(nameless)).second)
          << entry.path() << ": " << run.recipe.name << " is there twice";
    }
  }
  EXPECT_GE(studies, 5);
}

}  // namespace
}  // namespace cram::recipe
