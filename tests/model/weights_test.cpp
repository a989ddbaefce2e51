#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "cram/model/masked_lm.h"

#include "models.h"

namespace cram::model {
namespace {

constexpr Shape kShape{32, 1000};

recipe::Model medium() {
  recipe::Model model = test::crammed_bert();
  model.layers = 2;
  model.hidden_size = 128;
  model.heads = 4;
  model.intermediate_size = 256;
  return model;
}

at::Tensor find(const MaskedLanguageModel& model, const std::string& name) {
  for (const ops::WeightPtr& weight : model.weights()) {
    if (weight->name == name) return weight->master;
  }
  ADD_FAILURE() << "no weight " << name;
  return at::zeros({1, 1});
}

TEST(InitialWeights, AreAFunctionOfTheSeedAndNotOfTheThreads) {
  const MaskedLanguageModel first(medium(), kShape, {}, 7);
  at::set_num_threads(2);
  const MaskedLanguageModel again(medium(), kShape, {}, 7);
  at::set_num_threads(1);
  const MaskedLanguageModel other(medium(), kShape, {}, 8);
  for (std::size_t i = 0; i < first.weights().size(); ++i) {
    EXPECT_TRUE(at::equal(first.weights()[i]->master, again.weights()[i]->master));
  }
  EXPECT_FALSE(at::equal(first.weights()[0]->master, other.weights()[0]->master));
}

TEST(Weights, OfLayersAloneMayBeAddedUpInFp16) {
  const MaskedLanguageModel model(medium(), kShape, {c10::kCPU, c10::kFloat, true}, 7);
  for (const ops::WeightPtr& weight : model.weights()) {
    const bool of_layer = weight->role == ops::WeightRole::kHiddenMatrix;
    EXPECT_EQ(weight->fp16_accumulation, of_layer) << weight->name;
  }
  const MaskedLanguageModel plain(medium(), kShape, {}, 7);
  for (const ops::WeightPtr& weight : plain.weights()) EXPECT_FALSE(weight->fp16_accumulation);
}

TEST(InitialWeights, AreNormalWithTheStandardDeviationOfTheRecipe) {
  const MaskedLanguageModel model(medium(), kShape, {}, 7);
  const at::Tensor table = find(model, "embeddings.token").to(at::kDouble);
  const double count = static_cast<double>(table.numel());
  EXPECT_NEAR(table.mean().item<double>(), 0, 5 * 0.02 / std::sqrt(count));
  EXPECT_NEAR(table.std().item<double>(), 0.02, 0.02 * 5 / std::sqrt(2 * count));
  // A normal distribution has 4.55 % of its values beyond two standard deviations.
  const double beyond = table.abs().gt(0.04).to(at::kDouble).mean().item<double>();
  EXPECT_NEAR(beyond, 0.0455, 0.003);
}

TEST(InitialWeights, DifferBetweenMatricesAndRows) {
  const MaskedLanguageModel model(medium(), kShape, {}, 7);
  EXPECT_FALSE(at::equal(find(model, "layers.0.attention.qkv.weight"),
                         find(model, "layers.1.attention.qkv.weight")));
  const at::Tensor table = find(model, "embeddings.token");
  std::set<float> seen;
  for (std::int64_t row = 0; row < table.size(0); ++row) seen.insert(table[row][0].item<float>());
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(InitialWeights, FollowTheSchemes) {
  const auto std_of = [](recipe::Init init, const std::string& name) {
    recipe::Model options = medium();
    options.init = init;
    return find(MaskedLanguageModel(options, kShape, {}, 7), name).std().item<double>();
  };
  const std::string inner = "layers.0.feed_forward.input.weight";
  EXPECT_NEAR(std_of(recipe::Init::kSmall, inner), std::sqrt(2 / (5 * 128.0)), 1e-3);
  EXPECT_NEAR(std_of(recipe::Init::kMegatron, inner), std::sqrt(1 / (3 * 128.0)), 1e-3);
  EXPECT_NEAR(std_of(recipe::Init::kWang, inner), 2 / (2 * std::sqrt(128.0)), 2e-3);
  const double xavier = std::sqrt(2 / (512.0 + 128.0));
  EXPECT_NEAR(std_of(recipe::Init::kDeepNorm, inner), xavier * std::pow(16, -0.25), 1e-3);
}

TEST(WeightNames, AreUniqueAndDotted) {
  std::set<std::string> names;
  const MaskedLanguageModel model(test::small(test::original_bert()), kShape, {}, 7);
  for (const ops::WeightPtr& weight : model.weights()) names.insert(weight->name);
  EXPECT_EQ(names.size(), model.weights().size());
  for (const char* name : {"embeddings.token", "embeddings.position", "embeddings.segment",
                           "embeddings.norm.gain", "layers.0.attention.qkv.weight",
                           "layers.2.feed_forward.output.bias", "layers.1.attention.norm.bias",
                           "head.transform.weight", "head.norm.gain", "head.decoder.bias"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST(Weights, MarkTheQkvMatrixAsThree) {
  const MaskedLanguageModel model(medium(), kShape, {}, 7);
  for (const ops::WeightPtr& weight : model.weights()) {
    EXPECT_EQ(weight->stacked, weight->name.ends_with("qkv.weight") ? 3 : 1) << weight->name;
  }
}

}  // namespace
}  // namespace cram::model
