// Messages are read by people in a hurry: these tests hold them word by word.
#include <algorithm>
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/recipe/load.h"

namespace cram::recipe {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string problems_of(std::string_view yaml, const std::vector<std::string>& overrides = {}) {
  try {
    (void)parse(yaml, "my.yaml", overrides);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.what();
  }
  return "no problem";
}

TEST(Problems, AreListedTogetherWithTheirPlaces) {
  const std::string yaml =
      "nmae: first\n"  // unknown at the top level
      "seed: 010\n"    // octal or not
      "budget:\n"
      "  time: 24\n"  // no unit
      "data:\n"
      "  sources: &my text\n"  // anchor
      "modle:\n"               // unknown section
      "  layers: 3\n"
      "model:\n"
      "  hiden_size: 512\n"    // unknown key
      "  layers: many\n"       // wrong type
      "  masking_rate: 0.2\n"  // wrong section
      "  norm: layer-norm\n"   // wrong choice
      "  heads: 5\n"           // does not divide
      "objective:\n"
      "  masking_rate: 1.5\n"   // out of range
      "  masking_rate: 0.15\n"  // twice
      "schedule:\n"
      "  cooldown: 0.1\n"  // no effect
      "batch: 32\n";       // a section
  EXPECT_EQ(problems_of(yaml, {"optimizer.lr=1e-3", "batch.size=none"}),
            "16 problems in the recipe\n"
            "  my.yaml:1:1: unknown key 'nmae'; did you mean 'name'?\n"
            "  my.yaml:2:7: 'seed' must be a whole number at least 0, not '010' with a leading "
            "zero\n"
            "  my.yaml:4:9: 'budget.time' must be a duration such as 90s, 20m or 24h, from 1s to "
            "3650d, not '24' without a unit\n"
            "  my.yaml:6:12: YAML anchors are not allowed\n"
            "  my.yaml:7:1: unknown key 'modle'; did you mean 'model'?\n"
            "  my.yaml:10:3: unknown key 'model.hiden_size'; did you mean 'model.hidden_size'?\n"
            "  my.yaml:11:11: 'model.layers' must be a whole number from 1 to 1024, not 'many'\n"
            "  my.yaml:12:3: unknown key 'model.masking_rate'; did you mean "
            "'objective.masking_rate' or 'validation.masking_rate'?\n"
            "  my.yaml:13:9: 'model.norm' must be one of layernorm, rmsnorm, not 'layer-norm'; did "
            "you mean 'layernorm'?\n"
            "  my.yaml:14:3: 'model.heads' (5) must divide 'model.hidden_size' (768)\n"
            "  my.yaml:16:17: 'objective.masking_rate' must be a number above 0 and below 1, not "
            "'1.5'\n"
            "  my.yaml:17:3: key 'masking_rate' is given twice, first in line 16\n"
            "  my.yaml:19:3: 'schedule.cooldown' has no effect here: it needs that schedule.shape "
            "is constant or inverse-sqrt\n"
            "  my.yaml:20:8: 'batch' is a section: keys stand below it\n"
            "  argument 'optimizer.lr=1e-3': unknown key 'optimizer.lr'; the keys of 'optimizer' "
            "are type, learning_rate, beta1, beta2, epsilon, momentum, weight_decay, clip_norm, "
            "muon_learning_rate, muon_momentum, muon_weight_decay, muon_momentum_start, "
            "muon_momentum_warmup, muon_beta2\n"
            "  argument 'batch.size=none': 'batch.size' must be a whole number from 1 to 16777216, "
            "not 'none'");
}

TEST(Problems, StandAloneOnOneLine) {
  EXPECT_EQ(problems_of("budget: {steps: 1}\ndata: {sources: a, cahce: b}\n"),
            "my.yaml:2:20: unknown key 'data.cahce'; did you mean 'data.cache'?");
}

TEST(Problems, NameWhatYamlIsNotAllowed) {
  EXPECT_THAT(problems_of("seed: &one 1"), HasSubstr("my.yaml:1:7: YAML anchors"));
  EXPECT_THAT(problems_of("seed: &one 1\nname: *one"), HasSubstr("my.yaml:2:7: YAML aliases"));
  EXPECT_THAT(problems_of("data: &loop [*loop]"), HasSubstr("YAML aliases"));
  EXPECT_THAT(problems_of("name: *.txt"), HasSubstr("my.yaml:1:7: YAML aliases"));
  EXPECT_THAT(problems_of("seed: !!str 1"), HasSubstr("my.yaml:1:7: YAML tags"));
  EXPECT_THAT(problems_of("model: &m {layers: 1}\nbatch:\n  <<: *m\n"),
              HasSubstr("my.yaml:3:3: unknown key 'batch.<<'"));
  EXPECT_THAT(problems_of("seed: 1\n---\nseed: 2\n"),
              HasSubstr("my.yaml:2:1: the recipe, one YAML document, ends here"));
  EXPECT_THAT(problems_of("- a\n"), HasSubstr("my.yaml:1:1: a recipe is a mapping"));
  EXPECT_THAT(problems_of("[a]: 1\n"), HasSubstr("my.yaml:1:1: a key must be a word"));
  EXPECT_THAT(problems_of("seed: [1"), HasSubstr("not valid YAML: "));
  EXPECT_THAT(problems_of("model.layers: 3"), HasSubstr("write 'model.layers' as a section"));
}

TEST(Problems, OfAListStandAtTheItem) {
  EXPECT_EQ(problems_of("budget: {steps: 1}\ndata: {sources: a}\nvalidation:\n  at:\n    - 0.5\n"
                        "    - 1.5\n"),
            "my.yaml:6:7: 'validation.at' must be a list, each item a number from 0 to 1, not "
            "'1.5'");
}

TEST(Problems, OfSyntaxHideNothingBehindThem) {
  // A recipe that cannot be read as a whole is not told that it lacks a budget.
  EXPECT_THAT(problems_of("seed: [1"), Not(HasSubstr("budget")));
  EXPECT_THAT(problems_of("base: nowhere.yaml"), Not(HasSubstr("budget")));
}

TEST(Problems, ShowTextSafely) {
  EXPECT_THAT(problems_of("\"a\\e[31m\\nb\": 1"), HasSubstr("unknown key 'a?[31m?b'"));
  const std::string long_key(300, 'x');
  EXPECT_THAT(problems_of(long_key + ": 1"),
              HasSubstr("unknown key '" + std::string(60, 'x') + "...'"));
}

TEST(Problems, StopBeingCollectedWhenNobodyWouldReadThem) {
  std::string yaml;
  for (int i = 0; i < 1000; ++i) yaml += "key" + std::to_string(i) + ": 1\n";
  const std::string problems = problems_of(yaml);
  EXPECT_THAT(problems, StartsWith("at least 50 problems in the recipe\n"));
  EXPECT_EQ(std::count(problems.begin(), problems.end(), '\n'), 50);
}

TEST(Problems, InHostileTextAreFoundInGoodTime) {
  const auto repeated = [](std::string_view piece) {
    std::string text;
    while (text.size() + piece.size() < (1 << 20)) text += piece;
    return text;
  };
  const auto start = std::chrono::steady_clock::now();
  for (const char* piece : {"[",      "{",        "- ",
                            "? ",     "a: ",      "a: {",
                            "&a ",    "&a [",     "*a ",
                            "!a ",    "'",        "\"",
                            "|\n",    "x: 1\n",   "seed: 1\n",
                            "- - \n", "---\n",    "%TAG ! a\n",
                            "\t",     "\\",       "model:\n",
                            "[],",    "{a: b},",  "a\n",
                            "#",      "\xff",     "\xf0\x9f\x98\x80",
                            ": ",     "<<: {}\n", "?\n"}) {
    EXPECT_NE(problems_of(repeated(piece)), "no problem") << piece;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(120));
}

}  // namespace
}  // namespace cram::recipe
