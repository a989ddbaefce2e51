#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/recipe/load.h"

namespace cram::recipe {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Every key away from its default.
Recipe unusual() {
  Recipe r;
  r.name = "true";
  r.runs_folder = "a \"b\" \\ c: d";
  r.seed = 9007199254740993;
  r.budget.time = Seconds(5415.25);
  r.data = {{"*.txt", "no", "1", "a, b", "ü"},
            "body",
            TextUnit::kFile,
            true,
            {1, 16, 1, 2, 3},
            3,
            5000,
            0.25,
            1e-7,
            {1, 0.5, 3, 1e-3, 7},
            Order::kLongSentencesFirst,
            "/tmp/x",
            3};
  r.selection = {
      {"en", "zh-Hant"}, true, 7, 5000, true, {"glue", "b c"}, 10, true, true, 0.8, 20, 5, 100,
      1 << 20,           0.3};
  r.tokenizer = {"", TokenizerType::kUnigram, 4096, false, false, true, 3 << 20};
  r.sequence = {256, false, true, true, 64, 0.5};
  r.model.layers = 3;
  r.model.hidden_size = 96;
  r.model.heads = 2;
  r.model.intermediate_size = 100;
  r.model.norm_position = NormPosition::kPost;
  r.model.norm_epsilon = 1e-5;
  r.model.norm_bias = false;
  r.model.activation = Activation::kSilu;
  r.model.gated = false;
  r.model.attention_bias = r.model.feed_forward_bias = r.model.decoder_bias = true;
  r.model.positions = Positions::kRotary;
  r.model.rotary_base = 500.5;
  r.model.segments = 2;
  r.model.embedding_norm = r.model.final_norm = r.model.tie_decoder = false;
  r.model.head_transform = HeadTransform::kLinear;
  r.model.dropout = 0.1;
  r.model.attention_dropout = 1.0 / 3;
  r.model.init = Init::kDeepNorm;
  r.model.init_std = 0.5;
  r.model.qk_norm = r.model.zero_init_output = true;
  r.model.logit_softcap = 30;
  r.model.value_residual = r.model.input_shortcut = true;
  r.objective = {0.3, 0.15, 0.7, 0.2, true, 1e-4};
  r.optimizer = {
      OptimizerType::kNorMuon, 2e-3, 0.8, 0.95, 1e-8, 0, 0, 0.05, 0.9, 0.1, 0.85, 0.2, 0.7};
  r.schedule.shape = ScheduleShape::kConstant;
  r.schedule.warmup = 0.05;
  r.schedule.cooldown = 0.2;
  r.batch = {64, 0.5, 16};
  r.averaging = {AveragingType::kEma, 0.99, 5, 0.02, ExportedWeights::kAverage};
  r.precision = {PrecisionType::kFp16, 1024, 100};
  r.device = {"cuda:1", 2};
  r.validation = {{0.5, 1}, 1000, 0.2};
  r.checkpoint = {Seconds(60.001), 5};
  r.logging = {Seconds(0.5), false};
  return r;
}

// Every key of fine-tuning away from its default.
Recipe unusual_fine_tuning() {
  Recipe r = defaults(Purpose::kFineTuning);
  r.name = "mine";
  r.runs_folder = "tasks";
  r.seed = 17;
  r.data.cache = "/tmp/y";
  r.finetune = {3, 64, 1, Pooling::kMean, 0, 0.25, 100, 5000, true};
  r.optimizer = {OptimizerType::kMuon, 1e-5, 0.8, 0.95, 1e-8, 0.1, 1, 0.05, 0.9, 0.1};
  r.schedule.shape = ScheduleShape::kInverseSqrt;
  r.schedule.cooldown = 0.2;
  r.batch.size = 8;
  r.batch.micro_batch = 4;
  r.precision = {PrecisionType::kFp16, 1024, 100};
  r.device = {"cuda:1", 2};
  r.checkpoint = {Seconds(60.001), 5};
  r.logging = {Seconds(0.5), false};
  return r;
}

TEST(ToYaml, ReadsBackToTheSameRecipe) {
  const Recipe recipe = unusual();
  EXPECT_EQ(parse(to_yaml(recipe), "a.yaml"), recipe);
  EXPECT_EQ(parse(to_yaml(recipe, Comments::kAll), "b.yaml"), recipe);
}

TEST(ToYaml, OfFineTuningReadsBackToTheSameRecipe) {
  for (const Recipe& recipe : {unusual_fine_tuning(), defaults(Purpose::kFineTuning)}) {
    for (const Comments comments : {Comments::kNone, Comments::kAll}) {
      EXPECT_EQ(parse(to_yaml(recipe, comments), "a.yaml", {}, Purpose::kFineTuning), recipe);
    }
  }
}

TEST(ToYaml, OfFineTuningHasNothingOfPretraining) {
  const std::string yaml = "\n" + to_yaml(unusual_fine_tuning());
  for (const char* section :
       {"budget", "selection", "tokenizer", "sequence", "model", "objective"}) {
    EXPECT_THAT(yaml, Not(HasSubstr("\n" + std::string(section) + ":")));
  }
  EXPECT_THAT(yaml, HasSubstr("\ndata:\n  cache: /tmp/y\n\n"));
  EXPECT_THAT(yaml, HasSubstr("\n  warmup_updates: 100\n"));
  EXPECT_THAT(yaml, Not(HasSubstr(" warmup: ")));  // as warmup_updates is set
  EXPECT_THAT("\n" + to_yaml(unusual()), Not(HasSubstr("\nfinetune:")));
}

TEST(ToYaml, LeavesOutWhatSaysNothing) {
  const std::string yaml = to_yaml(unusual());
  EXPECT_THAT(yaml, HasSubstr("\nbudget:\n  time: 1h30m15s250ms\n"));
  EXPECT_THAT(yaml, Not(HasSubstr("steps")));
  EXPECT_THAT(yaml, Not(HasSubstr("max_positions")));  // of position tables
  EXPECT_THAT(yaml, Not(HasSubstr("peak_at")));        // of the triangle
  EXPECT_THAT(yaml, Not(HasSubstr("#")));
}

TEST(ToYaml, QuotesTextThatLooksLikeSomethingElse) {
  const std::string yaml = to_yaml(unusual());
  EXPECT_THAT(yaml, HasSubstr("name: \"true\"\n"));
  EXPECT_THAT(yaml, HasSubstr("runs_folder: \"a \\\"b\\\" \\\\ c: d\"\n"));
  EXPECT_THAT(yaml, HasSubstr("sources: [\"*.txt\", \"no\", \"1\", \"a, b\", \"ü\"]\n"));
}

TEST(ToYaml, WritesNumbersThatOldYamlReadsAsNumbersToo) {
  EXPECT_THAT(to_yaml(unusual()), HasSubstr("epsilon: 1.0e-08\n"));
}

TEST(ToYaml, ExplainsEveryKeyInComments) {
  const std::string yaml = to_yaml(unusual(), Comments::kAll);
  EXPECT_THAT(yaml, HasSubstr("  # encoder layers [from 1 to 1024]\n  layers: 3\n"));
  EXPECT_THAT(yaml, HasSubstr("  # steps:\n"));
  EXPECT_THAT(yaml, HasSubstr("  # peak_at: 0.75\n"));
}

TEST(Template, IsARecipe) {
  Recipe expected;
  expected.budget.time = Seconds(3600);
  expected.data.sources = {"my-text"};
  EXPECT_EQ(parse(template_yaml(), "template.yaml"), expected);
}

TEST(Template, OfFineTuningIsARecipeOfDefaults) {
  EXPECT_EQ(parse(template_yaml(Purpose::kFineTuning), "template.yaml", {}, Purpose::kFineTuning),
            defaults(Purpose::kFineTuning));
}

TEST(Template, IsAtMostAHundredColumnsWide) {
  std::istringstream lines(template_yaml() + template_yaml(Purpose::kFineTuning));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

TEST(Differences, AreTheKeysThatDiffer) {
  Recipe left;
  Recipe right;
  EXPECT_THAT(differences(left, right), IsEmpty());
  right.model.layers = 4;
  right.budget.steps = 5;
  right.data.sources = {"a", "b"};
  const auto found = differences(left, right);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].key, "budget.steps");
  EXPECT_EQ(found[0].left, "");
  EXPECT_EQ(found[0].right, "5");
  EXPECT_EQ(found[1].key, "data.sources");
  EXPECT_EQ(found[1].left, "[]");
  EXPECT_EQ(found[1].right, "[a, b]");
  EXPECT_EQ(found[2].key, "model.layers");
  EXPECT_EQ(found[2].left, "16");
  EXPECT_EQ(found[2].right, "4");
}

TEST(Differences, OfFineTuningAreThoseOfItsKeys) {
  const Recipe left = defaults(Purpose::kFineTuning);
  Recipe right = left;
  right.model.layers = 4;  // means nothing
  EXPECT_THAT(differences(left, right), IsEmpty());
  right.finetune.max_examples = 10;
  const auto found = differences(left, right);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].key, "finetune.max_examples");
  EXPECT_EQ(found[0].left, "");
  EXPECT_EQ(found[0].right, "10");
}

TEST(Differences, AreRefusedBetweenPurposes) {
  EXPECT_THAT([] { (void)differences(Recipe{}, defaults(Purpose::kFineTuning)); },
              testing::ThrowsMessage<Error>("a recipe for pretraining and one for fine-tuning have "
                                            "too little in common to be compared"));
}

TEST(Differences, IgnoreKeysWithoutEffect) {
  Recipe left;
  Recipe right;
  right.optimizer.muon_momentum = 0.5;
  EXPECT_THAT(differences(left, right), IsEmpty());
  right.optimizer.type = OptimizerType::kMuon;
  EXPECT_EQ(differences(left, right).size(), 4U);  // the type and the three keys of Muon
}

// Expects that each override changes keys, and that each of them decides so much.
void expect_to_decide(Decides decides, Purpose purpose, const std::vector<std::string>& overrides) {
  const std::string yaml =
      purpose == Purpose::kPretraining ? "budget: {steps: 10}\ndata: {sources: [text]}\n" : "";
  const Recipe before = parse(yaml, "before", {}, purpose);
  for (const std::string& override : overrides) {
    const Recipe after = parse(yaml, "after", {override}, purpose);
    const std::vector<Difference> found = differences(before, after);
    EXPECT_FALSE(found.empty()) << override;
    for (const Difference& difference : found) {
      EXPECT_EQ(difference.decides, decides) << override << " changes " << difference.key;
    }
    EXPECT_EQ(have_same_result(before, after), decides == Decides::kNothing) << override;
  }
}

TEST(Differences, SayWhatTheyDecideInPretraining) {
  constexpr Purpose kPurpose = Purpose::kPretraining;
  expect_to_decide(
      Decides::kNothing, kPurpose,
      {"name=other", "runs_folder=elsewhere", "data.cache=elsewhere", "data.threads=3",
       "data.max_bad_share=0.5", "device.threads=3", "device.recompute_activations=true",
       "batch.micro_batch=3", "validation.at=[0.5]", "validation.tokens=64",
       "validation.masking_rate=0.5", "checkpoint.every=7s", "checkpoint.keep=9",
       "logging.every=7s", "logging.tensorboard=false"});
  expect_to_decide(
      Decides::kResult, kPurpose,
      {"budget.steps=11", "objective.masking_rate=0.5", "optimizer.learning_rate=0.5",
       "schedule.shape=cosine", "batch.size=7", "batch.ramp=0.9", "precision.compute=fp16",
       "device.type=cuda", "device.kernels=aten", "averaging.type=ema"});
  expect_to_decide(
      Decides::kState, kPurpose,
      {"seed=1", "data.sources=[other]", "data.held_out_share=0.3", "selection.quality=true",
       "tokenizer.vocab_size=77", "sequence.length=64", "model.layers=3", "model.dropout=0.5"});
  // With the keys of that optimizer, which decide less.
  EXPECT_EQ(differences(parse("budget: {steps: 1}\ndata: {sources: [text]}\n", "before"),
                        parse("budget: {steps: 1}\ndata: {sources: [text]}\n", "after",
                              {"optimizer.type=lion"}))
                .at(0)
                .decides,
            Decides::kState);
}

TEST(Differences, SayWhatTheyDecideInFineTuning) {
  constexpr Purpose kPurpose = Purpose::kFineTuning;
  expect_to_decide(
      Decides::kNothing, kPurpose,
      {"name=other", "runs_folder=elsewhere", "data.cache=elsewhere", "finetune.seeds=9",
       "device.type=cuda", "device.threads=3", "device.kernels=aten", "checkpoint.every=7s",
       "checkpoint.keep=9", "logging.every=7s", "logging.tensorboard=false"});
  expect_to_decide(
      Decides::kResult, kPurpose,
      {"seed=1", "finetune.epochs=9", "finetune.max_length=64", "finetune.max_examples=9",
       "finetune.pooling=mean", "optimizer.type=adam", "optimizer.learning_rate=0.5",
       "schedule.shape=linear", "batch.size=7", "batch.micro_batch=3", "precision.compute=fp16"});
}

}  // namespace
}  // namespace cram::recipe
