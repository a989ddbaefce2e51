// Recipes for fine-tuning: what they take, and what belongs to the other purpose.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/recipe/load.h"

#include "support/temp_folder.h"

namespace cram::recipe {
namespace {

using testing::HasSubstr;
using testing::Not;

Recipe tune(std::string_view yaml, const std::vector<std::string>& overrides = {}) {
  return parse(yaml, "t.yaml", overrides, Purpose::kFineTuning);
}

std::string problems_of(Purpose purpose, std::string_view yaml,
                        const std::vector<std::string>& overrides = {}) {
  try {
    (void)parse(yaml, "t.yaml", overrides, purpose);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return std::string(error.what()) + "\nhint: " + error.hint();
  }
  return "no problem";
}

std::string problems_of(std::string_view yaml, const std::vector<std::string>& overrides = {}) {
  const std::string problems = problems_of(Purpose::kFineTuning, yaml, overrides);
  return problems.substr(0, problems.find("\nhint: "));
}

std::string problems_of_arguments(const std::vector<std::string>& overrides) {
  return problems_of("", overrides);
}

TEST(FineTuning, NeedsNoKey) {
  const Recipe recipe = tune("");
  EXPECT_EQ(recipe, defaults(Purpose::kFineTuning));
  EXPECT_EQ(recipe.purpose, Purpose::kFineTuning);
  EXPECT_EQ(defaults(Purpose::kPretraining), Recipe{});
}

TEST(FineTuning, ReadsEveryKeyOfItsSection) {
  const Recipe recipe = tune(
      "name: mine\nseed: 3\n"
      "data: {cache: /tmp/x}\n"
      "finetune: {epochs: 3, max_length: 64, seeds: 1, pooling: mean, head_size: 0, dropout: 0,\n"
      "  warmup_updates: 1k, max_examples: 500, second_separator: true}\n"
      "batch: {size: 32, micro_batch: 8}\n");
  EXPECT_EQ(recipe.name, "mine");
  EXPECT_EQ(recipe.seed, 3);
  EXPECT_EQ(recipe.data.cache, "/tmp/x");
  EXPECT_EQ(recipe.finetune, (FineTuning{.epochs = 3,
                                         .max_length = 64,
                                         .seeds = 1,
                                         .pooling = Pooling::kMean,
                                         .head_size = 0,
                                         .dropout = 0,
                                         .warmup_updates = 1000,
                                         .max_examples = 500,
                                         .second_separator = true}));
  EXPECT_EQ(recipe.batch, (Batch{.size = 32, .ramp = 0, .micro_batch = 8}));
  EXPECT_EQ(tune("", {"finetune.pooling=first-token"}).finetune.pooling, Pooling::kFirstToken);
}

TEST(FineTuning, KeepsEveryValueInItsLimits) {
  const auto refuse = [](const std::string& argument, const std::string& limits) {
    EXPECT_THAT(problems_of_arguments({"finetune." + argument}), HasSubstr(limits)) << argument;
  };
  const auto accept = [](const std::string& argument) {
    EXPECT_NO_THROW((void)tune("", {"finetune." + argument})) << argument;
  };
  for (const char* argument : {"epochs=0", "epochs=1001"}) refuse(argument, "from 1 to 1000");
  for (const char* argument : {"max_length=7", "max_length=8193"}) {
    refuse(argument, "from 8 to 8192");
  }
  for (const char* argument : {"seeds=0", "seeds=1001"}) refuse(argument, "from 1 to 1000");
  for (const char* argument : {"head_size=-1", "head_size=65537"}) {
    refuse(argument, "from 0 to 65536");
  }
  for (const char* argument : {"dropout=1", "dropout=-0.1"}) {
    refuse(argument, "at least 0 and below 1");
  }
  refuse("max_examples=0", "at least 1");
  refuse("warmup_updates=-1", "at least 0");
  refuse("pooling=max", "one of first-token, mean");
  refuse("second_separator=yes", "true or false");
  for (const char* argument : {"epochs=1", "epochs=1000", "max_length=8", "max_length=8192",
                               "seeds=1", "seeds=1000", "head_size=0", "head_size=65536",
                               "dropout=0", "dropout=0.99", "max_examples=1", "warmup_updates=0"}) {
    accept(argument);
  }
}

TEST(FineTuning, IsNotPretraining) {
  EXPECT_EQ(
      problems_of("seed: 1\n"
                  "budget: {time: 1h}\n"
                  "data:\n"
                  "  cache: x\n"
                  "  sources: [a]\n"
                  "tokenizer: {vocab_size: 100}\n"
                  "sequence: {length: 128}\n"
                  "model:\n"
                  "  layers: 3\n"
                  "  heads: 5\n"
                  "objective: {masking_rate: 0.2}\n"
                  "batch: {size: 8, ramp: 0.5}\n"
                  "validation: {tokens: 5}\n",
                  {"model.layers=3", "model.dropout=0", "budget=1h"}),
      "11 problems in the recipe\n"
      "  t.yaml:2:1: 'budget' belongs to pretraining: fine-tuning takes as long as "
      "'finetune.epochs' says\n"
      "  t.yaml:5:3: 'data.sources' belongs to pretraining: the examples come with the task\n"
      "  t.yaml:6:1: 'tokenizer' belongs to pretraining: a fine-tuning recipe takes the tokenizer "
      "from --checkpoint\n"
      "  t.yaml:7:1: 'sequence' belongs to pretraining: examples have the length that "
      "'finetune.max_length' allows\n"
      "  t.yaml:8:1: 'model' belongs to pretraining: a fine-tuning recipe takes the model from "
      "--checkpoint\n"
      "  t.yaml:11:1: 'objective' belongs to pretraining: fine-tuning has no use for it\n"
      "  t.yaml:12:18: 'batch.ramp' belongs to pretraining: fine-tuning has no use for it\n"
      "  t.yaml:13:1: 'validation' belongs to pretraining: fine-tuning has no use for it\n"
      "  argument 'model.layers=3': 'model.layers' belongs to pretraining: a fine-tuning recipe "
      "takes the model from --checkpoint\n"
      "  argument 'model.dropout=0': 'model.dropout' belongs to pretraining: a fine-tuning recipe "
      "takes the model from --checkpoint; did you mean 'finetune.dropout'?\n"
      "  argument 'budget=1h': 'budget' belongs to pretraining: fine-tuning takes as long as "
      "'finetune.epochs' says");
}

TEST(Pretraining, IsNotFineTuning) {
  const auto problems = [](std::string_view yaml, const std::vector<std::string>& overrides = {}) {
    return problems_of(Purpose::kPretraining, yaml, overrides);
  };
  // Nor is it told that it lacks what only pretraining needs.
  EXPECT_EQ(problems("seed: 1\nfinetune:\n  epochs: 3\n"),
            "t.yaml:2:1: 'finetune' belongs to fine-tuning: give it to `cram finetune`\n"
            "hint: 'cram recipe' reads a recipe for fine-tuning with --finetune");
  EXPECT_EQ(problems("budget: {steps: 1}\ndata: {sources: a}\n", {"finetune.epochs=3"}),
            "argument 'finetune.epochs=3': 'finetune.epochs' belongs to fine-tuning: give it to "
            "`cram finetune`\n"
            "hint: 'cram recipe template' prints every key with its meaning and default");
  EXPECT_THAT(problems_of(Purpose::kFineTuning, "model: {layers: 3}\n"),
              HasSubstr("hint: 'cram recipe' reads a recipe for pretraining without --finetune"));
  EXPECT_THAT(problems_of(Purpose::kFineTuning, "sede: 3\n"),
              HasSubstr("hint: 'cram recipe template --finetune' prints every key"));
}

TEST(FineTuning, SuggestsOnlyItsOwnKeys) {
  EXPECT_EQ(problems_of("finetune:\n  epoch: 3\n"),
            "t.yaml:2:3: unknown key 'finetune.epoch'; did you mean 'finetune.epochs'?");
  EXPECT_EQ(problems_of_arguments({"dropout=0"}),
            "argument 'dropout=0': unknown key 'dropout'; did you mean 'finetune.dropout'?");
  EXPECT_EQ(problems_of_arguments({"threads=2"}),
            "argument 'threads=2': unknown key 'threads'; did you mean 'device.threads'?");
  EXPECT_EQ(problems_of_arguments({"layers=2"}), "argument 'layers=2': unknown key 'layers'");
  EXPECT_EQ(problems_of("finetun: {epochs: 3}\n"),
            "t.yaml:1:1: unknown key 'finetun'; did you mean 'finetune'?");
  EXPECT_EQ(problems_of_arguments({"finetune=3"}),
            "argument 'finetune=3': 'finetune' is a section; name one of its keys, such as "
            "'finetune.epochs=...'");
  EXPECT_THAT(problems_of(Purpose::kPretraining, "epochs: 3\n"), Not(HasSubstr("finetune")));
}

TEST(FineTuning, SaysWhereValuesAreWrong) {
  EXPECT_EQ(problems_of("finetune:\n"
                        "  epochs: many\n"
                        "  seeds: 0\n"
                        "  dropout: 1.0\n"
                        "  pooling: last\n"
                        "  seeds: 3\n"
                        "optimizer: {muon_momentum: 0.5}\n"
                        "batch: {size: 8, micro_batch: 16}\n"),
            "7 problems in the recipe\n"
            "  t.yaml:2:11: 'finetune.epochs' must be a whole number from 1 to 1000, not 'many'\n"
            "  t.yaml:3:10: 'finetune.seeds' must be a whole number from 1 to 1000, not '0'\n"
            "  t.yaml:4:12: 'finetune.dropout' must be a number at least 0 and below 1, not "
            "'1.0'\n"
            "  t.yaml:5:12: 'finetune.pooling' must be one of first-token, mean, not 'last'\n"
            "  t.yaml:6:3: key 'seeds' is given twice, first in line 3\n"
            "  t.yaml:7:13: 'optimizer.muon_momentum' has no effect here: it needs that "
            "optimizer.type is muon or normuon\n"
            "  t.yaml:8:18: 'batch.micro_batch' (16) is larger than 'batch.size' (8)");
}

TEST(FineTuning, WarmsUpOverAShareOrOverUpdates) {
  EXPECT_EQ(problems_of("finetune:\n  warmup_updates: 5\nschedule:\n  warmup: 0.2\n"),
            "t.yaml:4:3: 'schedule.warmup' has no effect here: it needs that schedule.shape is "
            "linear, cosine, constant or inverse-sqrt and finetune.warmup_updates is unset");
  EXPECT_THAT(problems_of("finetune: {warmup_updates: 5}\n", {"schedule.warmup=0.2"}),
              HasSubstr("argument 'schedule.warmup=0.2': 'schedule.warmup' has no effect here"));
  EXPECT_EQ(problems_of("finetune:\n  warmup_updates: 5\nschedule: {shape: triangle}\n"),
            "t.yaml:2:3: 'finetune.warmup_updates' has no effect here: it needs that "
            "schedule.shape is linear, cosine, constant or inverse-sqrt");
}

TEST(FineTuning, ForgetsTheShareWhenUpdatesAreGivenLater) {
  const Recipe recipe = tune("schedule: {warmup: 0.2}\n", {"finetune.warmup_updates=5"});
  EXPECT_EQ(recipe.schedule.warmup, 0.1);  // the default, which means nothing
  EXPECT_EQ(recipe, tune("finetune: {warmup_updates: 5}\n"));
  const Recipe again = tune("finetune: {warmup_updates: 5}\n",
                            {"finetune.warmup_updates=null", "schedule.warmup=0.3"});
  EXPECT_EQ(again.schedule.warmup, 0.3);
  EXPECT_EQ(again.finetune.warmup_updates, std::nullopt);
}

TEST(FineTuning, ChecksItsSchedule) {
  EXPECT_THAT(problems_of_arguments({"schedule.shape=inverse-sqrt", "schedule.warmup=0"}),
              HasSubstr("needs a 'schedule.warmup' above 0"));
  EXPECT_THAT(problems_of_arguments({"schedule.shape=inverse-sqrt", "finetune.warmup_updates=0"}),
              HasSubstr("needs a 'finetune.warmup_updates' above 0"));
  EXPECT_NO_THROW((void)tune("", {"schedule.shape=inverse-sqrt", "finetune.warmup_updates=1"}));
  EXPECT_THAT(problems_of_arguments({"schedule.shape=constant", "schedule.cooldown=0.95"}),
              HasSubstr("more than all of a task's updates together"));
  // The share counts for nothing where updates are given.
  EXPECT_NO_THROW((void)tune("schedule: {shape: constant, warmup: 0.3}\n",
                             {"finetune.warmup_updates=5", "schedule.cooldown=0.95"}));
}

TEST(FineTuning, CountsItsSeeds) {
  const std::string largest = "seed=9223372036854775807";
  EXPECT_EQ(problems_of_arguments({largest}),
            "argument '" + largest +
                "': 'seed' (9223372036854775807) is too large to count 'finetune.seeds' from it");
  EXPECT_EQ(parse("budget: {steps: 1}\ndata: {sources: a}\n", "p.yaml", {largest}).seed,
            9223372036854775807);
}

TEST(FineTuning, StartsFromABaseOfItsOwnKind) {
  const cram::test::TempFolder folder;
  std::ofstream(folder / "base.yaml") << "finetune: {epochs: 3, seeds: 2}\nbatch: {size: 8}\n";
  std::ofstream(folder / "top.yaml") << "base: base.yaml\nfinetune: {epochs: 4}\n";
  const Recipe recipe =
      load(folder / "top.yaml", {"optimizer.learning_rate=1e-5"}, Purpose::kFineTuning);
  EXPECT_EQ(recipe.finetune.epochs, 4);
  EXPECT_EQ(recipe.finetune.seeds, 2);
  EXPECT_EQ(recipe.batch.size, 8);
  EXPECT_EQ(recipe.optimizer.learning_rate, 1e-5);
  std::ofstream(folder / "mixed.yaml") << "base: pretraining.yaml\n";
  std::ofstream(folder / "pretraining.yaml") << "seed: 1\nmodel: {layers: 3}\n";
  EXPECT_THAT([&] { (void)load(folder / "mixed.yaml", {}, Purpose::kFineTuning); },
              testing::ThrowsMessage<Error>(
                  HasSubstr("pretraining.yaml:2:1: 'model' belongs to pretraining")));
}

}  // namespace
}  // namespace cram::recipe
