#include "cram/recipe/load.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"

#include "support/temp_folder.h"

namespace cram::recipe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kSmall = "budget: {time: 1h}\ndata: {sources: text}\n";

Recipe parse_small(const std::vector<std::string>& overrides) {
  return parse(kSmall, "r.yaml", overrides);
}

std::string problems_of(std::string_view yaml, const std::vector<std::string>& overrides = {}) {
  try {
    (void)parse(yaml, "r.yaml", overrides);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.what();
  }
  return "no problem";
}

std::string problems_of_arguments(const std::vector<std::string>& overrides) {
  return problems_of(kSmall, overrides);
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

TEST(Load, KeepsDefaultsOfKeysThatAreNotGiven) {
  Recipe expected;
  expected.budget.time = Seconds(3600);
  expected.data.sources = {"text"};
  EXPECT_EQ(parse_small({}), expected);
}

TEST(Load, ReadsEveryTypeOfValue) {
  const Recipe recipe = parse(
      "name: first\nseed: 9007199254740993\n"
      "budget: {tokens: 1.5B}\n"
      "data: {sources: [a.txt, 'b/*.jsonl'], max_document_bytes: 4KiB, threads: 3}\n"
      "model: {norm: rmsnorm, activation: relu-squared, gated: false, dropout: .5}\n"
      "objective: {masking_rate_end: 1e-1}\n"
      "optimizer: {epsilon: 1e-8}\n"
      "batch: {size: 2k, micro_batch: 32}\n"
      "validation: {at: [0, 0.5, 1]}\n"
      "checkpoint: {every: 1h30m}\n",
      "r.yaml");
  EXPECT_EQ(recipe.name, "first");
  EXPECT_EQ(recipe.seed, 9007199254740993);
  EXPECT_EQ(recipe.budget.tokens, 1'500'000'000);
  EXPECT_THAT(recipe.data.sources, ElementsAre("a.txt", "b/*.jsonl"));
  EXPECT_EQ(recipe.data.max_document_bytes, 4096);
  EXPECT_EQ(recipe.data.threads, 3);
  EXPECT_EQ(recipe.model.norm, NormType::kRmsNorm);
  EXPECT_EQ(recipe.model.activation, Activation::kReluSquared);
  EXPECT_FALSE(recipe.model.gated);
  EXPECT_EQ(recipe.model.dropout, 0.5);
  EXPECT_EQ(recipe.objective.masking_rate_end, 0.1);
  EXPECT_EQ(recipe.optimizer.epsilon, 1e-8);
  EXPECT_EQ(recipe.batch.size, 2000);
  EXPECT_EQ(recipe.batch.micro_batch, 32);
  EXPECT_THAT(recipe.validation.at, ElementsAre(0, 0.5, 1));
  EXPECT_EQ(recipe.checkpoint.every, Seconds(5400));
}

TEST(Load, TakesEveryNameOfAChoice) {
  const auto activation = [](const std::string& name) {
    return parse_small({"model.activation=" + name}).model.activation;
  };
  EXPECT_EQ(activation("gelu"), Activation::kGelu);
  EXPECT_EQ(activation("gelu-tanh"), Activation::kGeluTanh);
  EXPECT_EQ(activation("relu"), Activation::kRelu);
  EXPECT_EQ(activation("relu-squared"), Activation::kReluSquared);
  EXPECT_EQ(activation("silu"), Activation::kSilu);
  EXPECT_EQ(parse_small({"model.norm_position=post"}).model.norm_position, NormPosition::kPost);
  EXPECT_EQ(parse_small({"model.positions=rotary"}).model.positions, Positions::kRotary);
  EXPECT_EQ(parse_small({"model.head_transform=bert"}).model.head_transform, HeadTransform::kBert);
  EXPECT_EQ(parse_small({"model.init=deepnorm"}).model.init, Init::kDeepNorm);
  EXPECT_EQ(parse_small({"optimizer.type=muon"}).optimizer.type, OptimizerType::kMuon);
  EXPECT_EQ(parse_small({"schedule.shape=one-cycle"}).schedule.shape, ScheduleShape::kOneCycle);
  EXPECT_EQ(parse_small({"precision.compute=bf16"}).precision.compute, PrecisionType::kBf16);
  EXPECT_EQ(parse_small({"tokenizer.type=bpe"}).tokenizer.type, TokenizerType::kBpe);
  EXPECT_EQ(parse_small({"data.txt_documents=file"}).data.txt_documents, TextUnit::kFile);
  EXPECT_EQ(parse_small({"data.order=as-read"}).data.order, Order::kAsRead);
  EXPECT_EQ(parse_small({"data.order=unlikely-first"}).data.order, Order::kUnlikelyFirst);
  EXPECT_EQ(parse_small({"data.order=long-tokens-first"}).data.order, Order::kLongTokensFirst);
}

TEST(Load, DoesNotMisreadNumbersAndFlags) {
  EXPECT_THAT(problems_of_arguments({"batch.size=010"}), HasSubstr("'010' with a leading zero"));
  EXPECT_THAT(problems_of_arguments({"model.dropout=00.1"}), HasSubstr("leading zero"));
  EXPECT_THAT(problems_of_arguments({"batch.size=1_000"}), HasSubstr("not '1_000'"));
  EXPECT_THAT(problems_of_arguments({"batch.size=12.5"}), HasSubstr("not '12.5'"));
  EXPECT_THAT(problems_of_arguments({"batch.size=0x10"}), HasSubstr("not '0x10'"));
  EXPECT_THAT(problems_of_arguments({"batch.size=-3"}), HasSubstr("not '-3'"));
  EXPECT_THAT(problems_of_arguments({"seed=9223372036854775808"}), HasSubstr("whole number"));
  EXPECT_THAT(problems_of_arguments({"model.gated=no"}), HasSubstr("must be true or false"));
  EXPECT_THAT(problems_of_arguments({"model.dropout=nan"}), HasSubstr("not 'nan'"));
  EXPECT_THAT(problems_of_arguments({"optimizer.clip_norm=inf"}), HasSubstr("not 'inf'"));
  EXPECT_THAT(problems_of_arguments({"optimizer.clip_norm=1e400"}), HasSubstr("not '1e400'"));
  EXPECT_THAT(problems_of_arguments({"checkpoint.every=30"}), HasSubstr("'30' without a unit"));
  EXPECT_THAT(problems_of_arguments({"batch.size="}), HasSubstr("not nothing"));
  EXPECT_THAT(problems_of("batch: {size: '32'}"), HasSubstr("not '32' in quotes"));
  EXPECT_THAT(problems_of("batch: {size: [32]}"), HasSubstr("not a list"));
  EXPECT_THAT(problems_of("batch: {size: {a: 1}}"), HasSubstr("not a mapping"));
  EXPECT_EQ(parse_small({"name=no"}).name, "no");
  EXPECT_EQ(parse_small({"name=010"}).name, "010");
}

TEST(Load, KeepsEveryValueInItsLimits) {
  EXPECT_THAT(problems_of_arguments({"model.layers=0"}),
              HasSubstr("must be a whole number from 1 to 1024"));
  EXPECT_THAT(problems_of_arguments({"objective.masking_rate=1"}),
              HasSubstr("above 0 and below 1"));
  EXPECT_THAT(problems_of_arguments({"objective.masking_rate=0"}),
              HasSubstr("above 0 and below 1"));
  EXPECT_THAT(problems_of_arguments({"batch.ramp=1.01"}), HasSubstr("from 0 to 1"));
  EXPECT_EQ(parse_small({"batch.ramp=1"}).batch.ramp, 1);
  EXPECT_THAT(problems_of_arguments({"budget.time=0s"}), HasSubstr("from 1s to"));
  EXPECT_THAT(problems_of_arguments({"validation.at=[0.5, 1.5]"}), HasSubstr("not '1.5'"));
  EXPECT_THAT(problems_of_arguments({"device.type=gpu"}), HasSubstr("auto, cpu, cuda or cuda:N"));
  EXPECT_EQ(parse_small({"device.type=cuda:1"}).device.type, "cuda:1");
}

TEST(Load, TakesOnlyPlainFolderNamesForARun) {
  for (const char* name : {"../up", "a/b", "..", ".hidden", "-f", "a\\b", "' '", "\"a\\tb\""}) {
    EXPECT_THAT(problems_of_arguments({std::string("name=") + name}), HasSubstr("folder name"))
        << name;
  }
  EXPECT_EQ(parse_small({"name=Lauf 3 (süß)"}).name, "Lauf 3 (süß)");
}

TEST(Overrides, ReplaceOneKeyEach) {
  const Recipe recipe = parse_small({"name=x", "seed=3", "sequence.start_length=128",
                                     "data.sources=[a, b]", "model.layers=2", "seed=4"});
  EXPECT_EQ(recipe.name, "x");
  EXPECT_EQ(recipe.seed, 4);
  EXPECT_THAT(recipe.data.sources, ElementsAre("a", "b"));
  EXPECT_EQ(recipe.model.layers, 2);
  EXPECT_EQ(recipe.budget.time, Seconds(3600));
}

TEST(Overrides, TakePathsAndGlobsAsTheyAre) {
  const auto sources = [](const std::string& value) {
    return parse_small({"data.sources=" + value}).data.sources;
  };
  EXPECT_THAT(sources("my-folder"), ElementsAre("my-folder"));
  EXPECT_THAT(sources("*.txt"), ElementsAre("*.txt"));
  EXPECT_THAT(sources("&odd: #name"), ElementsAre("&odd: #name"));
  EXPECT_THAT(sources("a=b"), ElementsAre("a=b"));
  EXPECT_THAT(sources("'[x]'"), ElementsAre("[x]"));
  EXPECT_THAT(sources("[a, 'b c']"), ElementsAre("a", "b c"));
}

TEST(Overrides, AreBlamedByName) {
  EXPECT_EQ(problems_of_arguments({"model.layer=3"}),
            "argument 'model.layer=3': unknown key 'model.layer'; did you mean 'model.layers'?");
  EXPECT_EQ(problems_of_arguments({"layers=3"}),
            "argument 'layers=3': unknown key 'layers'; did you mean 'model.layers'?");
  EXPECT_EQ(problems_of_arguments({"threads=3"}),
            "argument 'threads=3': unknown key 'threads'; did you mean 'data.threads' or "
            "'device.threads'?");
  EXPECT_EQ(problems_of_arguments({"--fast"}), "argument '--fast': must have the form key=value");
  EXPECT_EQ(problems_of_arguments({"=3"}), "argument '=3': must have the form key=value");
  EXPECT_EQ(problems_of_arguments({"batch=3"}),
            "argument 'batch=3': 'batch' is a section; name one of its keys, such as "
            "'batch.size=...'");
  EXPECT_EQ(problems_of_arguments({"base=x.yaml"}),
            "argument 'base=x.yaml': 'base' can only be given in a file");
  EXPECT_THAT(problems_of_arguments({"data.sources=[a"}),
              HasSubstr("argument 'data.sources=[a': not valid YAML"));
}

TEST(Budget, IsReplacedByALaterOneInAnotherUnit) {
  const Recipe recipe = parse_small({"budget.steps=10"});
  EXPECT_EQ(recipe.budget, Budget{.steps = 10});
}

TEST(Budget, MustBeOne) {
  EXPECT_EQ(problems_of("data: {sources: a}"),
            "r.yaml:1:1: no budget: set one of 'budget.time', 'budget.steps' and 'budget.tokens'");
  EXPECT_EQ(problems_of("data: {sources: a}\nbudget:\n  time: 1h\n  steps: 5\n"),
            "r.yaml:4:3: a run has one budget: 'budget.time' and 'budget.steps' are both given");
  EXPECT_THAT(problems_of_arguments({"budget.steps=5", "budget.tokens=1M"}),
              HasSubstr("argument 'budget.tokens=1M': a run has one budget"));
  EXPECT_THAT(problems_of_arguments({"budget.time=null"}), HasSubstr("no budget"));
}

TEST(Base, IsChangedByTheRecipeThatNamesIt) {
  const test::TempFolder folder;
  write_file(folder / "deep/root.yaml",
             "budget: {time: 1h}\ndata: {sources: a}\nseed: 1\nmodel: {layers: 2, heads: 4}\n");
  write_file(folder / "deep/middle.yaml", "base: root.yaml\nseed: 2\nmodel: {layers: 3}\n");
  write_file(folder / "top.yaml", "base: deep/middle.yaml\nbudget: {steps: 7}\n");
  const Recipe recipe = load(folder / "top.yaml", {"model.hidden_size=64"});
  EXPECT_EQ(recipe.budget, Budget{.steps = 7});
  EXPECT_EQ(recipe.seed, 2);
  EXPECT_EQ(recipe.model.layers, 3);
  EXPECT_EQ(recipe.model.heads, 4);
  EXPECT_EQ(recipe.model.hidden_size, 64);
}

TEST(Base, IsBlamedForItsOwnMistakes) {
  const test::TempFolder folder;
  write_file(folder / "root.yaml", "budget: {time: 1h}\ndata: {sources: a}\nsede: 1\n");
  write_file(folder / "top.yaml", "base: root.yaml\nseed: x\n");
  try {
    (void)load(folder / "top.yaml");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "2 problems in the recipe\n  " + (folder / "top.yaml").string() +
                  ":2:7: 'seed' must be a whole number at least 0, not 'x'\n  " +
                  (folder / "root.yaml").string() +
                  ":3:1: unknown key 'sede'; did you mean 'seed'?");
  }
}

TEST(Base, MayNotBeACircleOrMissing) {
  const test::TempFolder folder;
  write_file(folder / "a.yaml", "base: b.yaml\n");
  write_file(folder / "b.yaml",
             "seed: 1\nbase: ../" + folder.path().filename().string() + "/a.yaml");
  write_file(folder / "self.yaml", "base: self.yaml\n");
  write_file(folder / "orphan.yaml", "base: nowhere.yaml\n");
  write_file(folder / "number.yaml", "base: [a]\n");
  EXPECT_THAT([&] { (void)load(folder / "a.yaml"); },
              testing::ThrowsMessage<Error>(HasSubstr("b.yaml:2:7: the recipe")));
  EXPECT_THAT([&] { (void)load(folder / "self.yaml"); },
              testing::ThrowsMessage<Error>(HasSubstr("is its own base")));
  EXPECT_THAT([&] { (void)load(folder / "orphan.yaml"); },
              testing::ThrowsMessage<Error>(HasSubstr("orphan.yaml:1:7: cannot read the base")));
  EXPECT_THAT([&] { (void)load(folder / "number.yaml"); },
              testing::ThrowsMessage<Error>(HasSubstr("'base' must be the path of a recipe")));
}

TEST(Load, RefusesFilesThatAreNoRecipes) {
  const test::TempFolder folder;
  const auto code_of = [](const std::filesystem::path& path) {
    try {
      (void)load(path);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  };
  EXPECT_EQ(code_of(folder / "missing.yaml"), ErrorCode::kUsage);
  EXPECT_EQ(code_of(folder.path()), ErrorCode::kUsage);
  write_file(folder / "big.yaml", std::string((1 << 20) + 1, '#'));
  EXPECT_EQ(code_of(folder / "big.yaml"), ErrorCode::kUsage);
}

TEST(Effect, IsNeededWhereAKeyIsSet) {
  const auto refused = [](const std::string& argument) {
    const std::string problems = problems_of_arguments({argument});
    EXPECT_THAT(problems, HasSubstr("argument '" + argument + "': '")) << problems;
    EXPECT_THAT(problems, HasSubstr("has no effect here: it needs that ")) << argument;
  };
  refused("optimizer.muon_momentum=0.9");
  refused("optimizer.muon_learning_rate=0.01");
  refused("optimizer.muon_weight_decay=0.01");
  refused("optimizer.muon_beta2=0.9");
  refused("optimizer.momentum=0.8");
  refused("model.rotary_base=500");
  refused("schedule.warmup=0.1");
  refused("schedule.cooldown=0.1");
  const auto refused_with = [](const std::string& choice, const std::string& argument) {
    EXPECT_THAT(problems_of_arguments({choice, argument}),
                HasSubstr("argument '" + argument + "': '"))
        << choice << " " << argument;
  };
  refused_with("optimizer.type=sgd", "optimizer.beta1=0.8");
  refused_with("optimizer.type=adafactor", "optimizer.beta2=0.9");
  refused_with("optimizer.type=lion", "optimizer.epsilon=1e-6");
  refused_with("optimizer.type=lamb", "optimizer.momentum=0.8");
  refused_with("optimizer.type=muon", "optimizer.muon_beta2=0.8");
  refused_with("optimizer.type=muon", "optimizer.muon_momentum_warmup=0.1");
  refused_with("schedule.shape=cosine", "schedule.start=0.5");
  refused_with("schedule.shape=one-cycle", "schedule.peak_at=0.5");
  refused_with("schedule.shape=linear", "schedule.cooldown=0.5");
  refused_with("model.norm=rmsnorm", "model.norm_bias=true");
  refused_with("model.positions=rotary", "model.max_positions=512");
  refused_with("model.init=small", "model.init_std=0.1");
  refused_with("tokenizer.file=a.txt", "tokenizer.vocab_size=100");
  refused_with("tokenizer.file=a.txt", "tokenizer.type=bpe");
  refused_with("tokenizer.file=a.txt", "tokenizer.train_bytes=1MiB");
  refused_with("tokenizer.file=a.json", "tokenizer.lowercase=false");
  refused_with("tokenizer.file=a.model", "tokenizer.ascii_only=true");
  refused_with("precision.compute=bf16", "precision.initial_loss_scale=2");
  refused_with("precision.compute=fp32", "precision.loss_scale_growth_interval=2");
  refused_with("precision.compute=auto", "precision.fp16_accumulation=true");
  refused_with("batch.micro_batch=8192", "batch.ramp=0.5");
  EXPECT_EQ(parse_small({"validation.at=[]", "validation.tokens=5"}).validation.tokens, 5);
  EXPECT_FALSE(
      parse_small({"tokenizer.file=vocab.txt", "tokenizer.lowercase=false"}).tokenizer.lowercase);
}

TEST(Effect, MayBeLostByALaterDecision) {
  const std::string yaml = std::string(kSmall) +
                           "schedule: {shape: triangle, start: 0.5}\n"
                           "optimizer: {type: muon, muon_momentum: 0.8}\n"
                           "tokenizer: {vocab_size: 100}\n";
  const Recipe recipe =
      parse(yaml, "r.yaml",
            {"schedule.shape=cosine", "optimizer.type=adamw", "tokenizer.file=vocab.txt"});
  // What has no effect says nothing: two recipes that train alike are equal.
  EXPECT_EQ(recipe, parse_small({"schedule.shape=cosine", "tokenizer.file=vocab.txt"}));
}

TEST(Effect, IsNeededInTheSameFile) {
  EXPECT_EQ(problems_of(std::string(kSmall) + "schedule:\n  start: 0.5\n  shape: cosine\n"),
            "r.yaml:4:3: 'schedule.start' has no effect here: it needs that schedule.shape is "
            "triangle");
}

TEST(Checks, HoldKeysAgainstEachOther) {
  const auto expect = [](const std::vector<std::string>& arguments, const std::string& problem) {
    EXPECT_THAT(problems_of_arguments(arguments), HasSubstr(problem));
  };
  expect({"data.sources=[]"}, "'data.sources' names no text");
  expect({"data.epochs=[1, 2]"},
         "'data.epochs' has 2 numbers, 'data.sources' has 1 sources: give one for each");
  expect({"data.join_records=[16, 1, 1]"}, "'data.join_records' has 3 numbers");
  expect({"data.min_document_bytes=1GiB"}, "is larger than 'data.max_document_bytes'");
  expect({"sequence.start_length=48"}, "'sequence.start_length' (48) must become");
  expect({"sequence.document_mask=true", "sequence.separator=false"},
         "it needs that sequence.separator or sequence.start_token is true");
  expect({"sequence.start_length=256"}, "'sequence.start_length' (256) must become");
  expect({"model.heads=7"}, "'model.heads' (7) must divide 'model.hidden_size' (768)");
  expect({"model.positions=rotary", "model.hidden_size=21", "model.heads=7"}, "heads of even size");
  expect({"model.hidden_size=21", "model.heads=7"}, "even 'model.hidden_size', not 21");
  expect({"model.max_positions=64"}, "at least 'sequence.length' (128)");
  expect({"model.segments=1"}, "must be 0 or from 2 to 16");
  expect({"objective.mask_share=0.8", "objective.random_share=0.3"}, "more than 1 together");
  expect({"schedule.shape=inverse-sqrt"}, "above 0, such as 0.05");
  expect({"schedule.shape=constant", "schedule.warmup=0.6", "schedule.cooldown=0.6"},
         "more than the whole budget together");
  expect({"selection.languages=[en, English]"}, "each item a language's code, such as en");
  expect({"selection.languages=[en, zh-]"}, "not 'zh-'");
  expect({"selection.quality=true", "selection.min_words=200k"},
         "is larger than 'selection.max_words'");
  expect({"batch.size=8", "batch.micro_batch=9"}, "is larger than 'batch.size' (8)");
  expect({"validation.at=[0.5, 0.5]"}, "must rise from item to item");
}

TEST(Checks, LetTheOddButLegalPass) {
  const Recipe recipe =
      parse_small({"model.gated=true", "model.activation=relu", "model.norm=rmsnorm",
                   "model.qk_norm=true", "model.norm_position=post", "model.max_positions=128",
                   "model.segments=16", "objective.mask_share=0.7", "objective.random_share=0.3",
                   "schedule.shape=constant", "schedule.warmup=0.3", "schedule.cooldown=0.7",
                   "batch.micro_batch=8192", "validation.at=[]", "model.heads=768",
                   "data.sources=[a, b]", "data.epochs=[0.5, 3]", "data.join_records=[1, 16]"});
  EXPECT_EQ(recipe.model.heads, 768);
}

}  // namespace
}  // namespace cram::recipe
