// The recipes that ship with the program: they load, open with what people need to know, and are
// the published ones where they say so.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/recipe/load.h"

namespace cram::recipe {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;

std::vector<fs::path> all_configs() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(CRAM_SOURCE_DIR "/configs")) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  return files;
}

Recipe config(const std::string& name) {
  return load(fs::path(CRAM_SOURCE_DIR) / "configs" / (name + ".yaml"));
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
  std::vector<std::string> names;
  for (const fs::path& file : all_configs()) names.push_back(file.stem().string());
  EXPECT_THAT(names,
              testing::IsSupersetOf({"quickstart", "pocket", "crammed-bert", "crammed-bert-v1",
                                     "bert-base", "bert-base-24h", "izsak-bert-large-24h"}));
}

TEST(Configs, LoadAndReadBack) {
  for (const fs::path& file : all_configs()) {
    const Recipe recipe = load(file);
    EXPECT_EQ(recipe.name, file.stem().string());
    EXPECT_EQ(parse(to_yaml(recipe), "resolved.yaml"), recipe) << file;
    EXPECT_EQ(parse(to_yaml(recipe, Comments::kAll), "commented.yaml"), recipe) << file;
  }
}

TEST(Configs, OpenWithPurposeHardwareTimeNumbersAndCommand) {
  for (const fs::path& file : all_configs()) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    EXPECT_THAT(text.str(), StartsWith("# ")) << file;
    for (const char* heading : {"\n# Hardware  ", "\n# Time      ", "\n# Numbers   "}) {
      EXPECT_THAT(text.str(), HasSubstr(heading)) << file;
    }
    EXPECT_THAT(text.str(), HasSubstr("\n# Run       cram pretrain --config configs/" +
                                      file.filename().string() + "\n"))
        << file;
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

  std::vector<std::string> changed;
  for (const Difference& difference : differences(recipe, config("crammed-bert-v1"))) {
    changed.push_back(difference.key);
  }
  EXPECT_THAT(changed, ElementsAre("name", "model.head_transform", "objective.masking_rate",
                                   "batch.size", "batch.ramp"));
}

TEST(Configs, OfStoppedBertBaseKeepsThePeakRate) {
  std::vector<std::string> changed;
  for (const Difference& difference : differences(config("bert-base"), config("bert-base-24h"))) {
    changed.push_back(difference.key);
  }
  EXPECT_THAT(changed, UnorderedElementsAre("name", "budget.time", "budget.steps", "schedule.shape",
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

}  // namespace
}  // namespace cram::recipe
