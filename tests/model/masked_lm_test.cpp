#include "cram/model/masked_lm.h"

#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include "models.h"
#include "plain_model.h"

namespace cram::model {
namespace {

constexpr Shape kShape{16, 50};

MaskedInput make_batch(std::int64_t length = kShape.sequence_length) {
  at::manual_seed(1);
  return {at::randint(kShape.vocab_size, {4, length}, at::kLong),
          at::tensor({0L, 3L, 7L, length, 2 * length + 5, 4 * length - 1}, at::kLong),
          at::randint(kShape.vocab_size, {6}, at::kLong)};
}

double relative_difference(const at::Tensor& value, const at::Tensor& expected) {
  const at::Tensor reference = expected.to(at::kDouble);
  const double scale = reference.norm().item<double>();
  return (value.to(at::kDouble) - reference).norm().item<double>() / std::max(scale, 1e-12);
}

struct Case {
  std::string name;
  recipe::Model model;
};

std::vector<Case> cases() {
  std::vector<Case> list = {{"CrammedBert", test::small(test::crammed_bert())},
                            {"OriginalBert", test::small(test::original_bert())},
                            {"Izsak", test::small(test::izsak_large())}};
  const auto add = [&](const std::string& name, const recipe::Model& base, auto change) {
    Case variant{name, test::small(base)};
    change(variant.model);
    list.push_back(variant);
  };
  add("Rotary", test::crammed_bert(),
      [](recipe::Model& model) { model.positions = recipe::Positions::kRotary; });
  add("RotaryWithQkNorm", test::crammed_bert(), [](recipe::Model& model) {
    model.positions = recipe::Positions::kRotary;
    model.qk_norm = true;
  });
  add("NarrowEmbeddings", test::original_bert(),
      [](recipe::Model& model) { model.embedding_size = 12; });
  add("WideEmbeddingsWithALinearHead", test::crammed_bert(), [](recipe::Model& model) {
    model.positions = recipe::Positions::kRotary;
    model.embedding_size = 40;
    model.head_transform = recipe::HeadTransform::kLinear;
  });
  add("Sinusoidal", test::crammed_bert(),
      [](recipe::Model& model) { model.positions = recipe::Positions::kSinusoidal; });
  add("RmsNorm", test::crammed_bert(), [](recipe::Model& model) {
    model.norm = recipe::NormType::kRmsNorm;
    model.norm_bias = false;
    model.norm_epsilon = 1e-6;
  });
  add("LayerNormWithoutBias", test::crammed_bert(),
      [](recipe::Model& model) { model.norm_bias = false; });
  add("LinearHead", test::crammed_bert(),
      [](recipe::Model& model) { model.head_transform = recipe::HeadTransform::kLinear; });
  add("UntiedDecoderAndValueResidual", test::crammed_bert(), [](recipe::Model& model) {
    model.tie_decoder = false;
    model.decoder_bias = model.value_residual = true;
  });
  add("InputShortcut", test::crammed_bert(),
      [](recipe::Model& model) { model.input_shortcut = true; });
  add("PostNormWithInputShortcut", test::original_bert(),
      [](recipe::Model& model) { model.input_shortcut = true; });
  add("Softcap", test::crammed_bert(), [](recipe::Model& model) { model.logit_softcap = 3; });
  add("PostNormWithFinalNorm", test::original_bert(),
      [](recipe::Model& model) { model.final_norm = true; });
  add("BareBones", test::crammed_bert(), [](recipe::Model& model) {
    model.embedding_norm = false;
    model.final_norm = false;
    model.gated = false;
    model.activation = recipe::Activation::kReluSquared;
  });
  add("SiluGate", test::crammed_bert(),
      [](recipe::Model& model) { model.activation = recipe::Activation::kSilu; });
  add("ModernBert", test::crammed_bert(), [](recipe::Model& model) {
    model.positions = recipe::Positions::kRotary;
    model.rotary_base = 160000;
    model.local_attention = 6;
    model.global_every = 2;
    model.norm_bias = false;
    model.first_attention_norm = false;
    model.head_transform = recipe::HeadTransform::kModernBert;
    model.decoder_bias = true;
  });
  return list;
}

class ModelVariant : public testing::TestWithParam<Case> {};

TEST_P(ModelVariant, HasTheLossAndGradientsOfThePlainModel) {
  const MaskedLanguageModel model(GetParam().model, kShape, {}, 3);
  const test::PlainModel plain(GetParam().model, model.weights());
  const MaskedInput batch = make_batch();

  const ops::MaskedLoss result = model.loss(batch, Mode::kTraining);
  result.loss.backward();
  const at::Tensor expected = plain.loss(batch.ids, batch.positions, batch.targets);
  expected.backward();

  EXPECT_NEAR(result.loss.item<double>(), expected.item<double>(), 1e-5);
  for (const ops::WeightPtr& weight : model.weights()) {
    const at::Tensor gradient = plain.weights.at(weight->name).grad();
    ASSERT_TRUE(gradient.defined()) << weight->name;
    EXPECT_LT(relative_difference(weight->grad, gradient), 1e-4) << weight->name;
  }
}

// Loss and gradients in order, with dropout and with scales that let everything through.
std::vector<at::Tensor> pass(recipe::Model options, bool recompute) {
  options.dropout = options.attention_dropout = 0.2;
  const MaskedLanguageModel model(options, kShape, {.recompute_activations = recompute}, 3);
  for (const ops::WeightPtr& weight : model.weights()) {
    if (weight->master.numel() == 1) weight->master.fill_(0.4);
  }
  MaskedInput batch = make_batch();
  batch.documents = at::arange(16, at::kLong).ge(6).to(at::kLong).repeat({4, 1});
  std::vector<at::Tensor> results{model.loss(batch, Mode::kTraining).loss};
  results.front().backward();
  for (const ops::WeightPtr& weight : model.weights()) results.push_back(weight->grad);
  return results;
}

TEST_P(ModelVariant, LearnsTheSameFromActivationsThatItRecomputes) {
  const auto kept = pass(GetParam().model, false), again = pass(GetParam().model, true);
  ASSERT_EQ(kept.size(), again.size());
  EXPECT_TRUE(at::equal(kept.front(), again.front()));
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_GT(kept[i].abs().sum().item<double>(), 0) << i;
    EXPECT_LT(relative_difference(again[i], kept[i]), 1e-6) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Recipes, ModelVariant, testing::ValuesIn(cases()),
                         [](const auto& variant) { return variant.param.name; });

TEST(MaskedLanguageModel, AcceptsSequencesShorterThanTheLongest) {
  for (const Case& variant : cases()) {
    const MaskedLanguageModel model(variant.model, kShape, {}, 3);
    const test::PlainModel plain(variant.model, model.weights());
    const MaskedInput batch = make_batch(9);
    EXPECT_NEAR(model.loss(batch, Mode::kEvaluation).loss.item<double>(),
                plain.loss(batch.ids, batch.positions, batch.targets).item<double>(), 1e-5)
        << variant.name;
  }
}

// Rotary positions are relative: a document has the same hidden states wherever it stands.
TEST(MaskedLanguageModel, LearnsFromDocumentsOfASequenceAsFromEachAlone) {
  recipe::Model options = test::small(test::crammed_bert());
  options.positions = recipe::Positions::kRotary;
  const MaskedLanguageModel model(options, kShape, {}, 3);
  const test::PlainModel plain(options, model.weights());
  const MaskedInput batch = make_batch();
  const at::Tensor ids = batch.ids.slice(0, 0, 1), targets = batch.targets.slice(0, 0, 5);
  const at::Tensor documents = at::arange(16, at::kLong).ge(6).to(at::kLong).unsqueeze(0);
  const at::Tensor positions = at::tensor({1, 4, 7, 12, 15}, at::kLong);

  const ops::MaskedLoss result = model.loss({ids, positions, targets, documents}, Mode::kTraining);
  result.loss.backward();
  const at::Tensor first =
      plain.loss(ids.slice(1, 0, 6), positions.slice(0, 0, 2), targets.slice(0, 0, 2));
  const at::Tensor second =
      plain.loss(ids.slice(1, 6), positions.slice(0, 2).sub(6), targets.slice(0, 2));
  const at::Tensor expected = (first * 2 + second * 3) / 5;
  expected.backward();

  EXPECT_NEAR(result.loss.item<double>(), expected.item<double>(), 1e-5);
  for (const ops::WeightPtr& weight : model.weights()) {
    const at::Tensor gradient = plain.weights.at(weight->name).grad();
    EXPECT_LT(relative_difference(weight->grad, gradient), 1e-4) << weight->name;
  }
}

TEST(MaskedLanguageModel, GivesLogitsWhoseCrossEntropyIsTheLoss) {
  const MaskedLanguageModel model(test::small(test::original_bert()), kShape, {}, 5);
  const MaskedInput batch = make_batch();
  const at::Tensor logits = model.logits(batch.ids, batch.positions);
  ASSERT_EQ(logits.sizes(), at::IntArrayRef({6, kShape.vocab_size}));
  const ops::MaskedLoss result = model.loss(batch, Mode::kEvaluation);
  EXPECT_NEAR(at::cross_entropy_loss(logits, batch.targets).item<double>(),
              result.loss.item<double>(), 1e-5);
  EXPECT_EQ(logits.argmax(-1).eq(batch.targets).sum().item<std::int64_t>(),
            result.correct.item<std::int64_t>());
}

TEST(MaskedLanguageModel, EncodesEveryPosition) {
  const MaskedLanguageModel model(test::small(test::crammed_bert()), kShape, {}, 5);
  const MaskedInput batch = make_batch();
  EXPECT_EQ(model.encode(batch.ids, Mode::kEvaluation).sizes(), at::IntArrayRef({4, 16, 32}));
}

TEST(MaskedLanguageModel, HasDropoutInTrainingOnly) {
  recipe::Model options = test::small(test::original_bert());
  options.dropout = 0.2;
  options.attention_dropout = 0.2;
  const MaskedLanguageModel model(options, kShape, {}, 5);
  const MaskedInput batch = make_batch();
  const auto loss = [&](Mode mode) { return model.loss(batch, mode).loss.item<double>(); };
  EXPECT_EQ(loss(Mode::kEvaluation), loss(Mode::kEvaluation));
  EXPECT_NE(loss(Mode::kTraining), loss(Mode::kTraining));
}

TEST(MaskedLanguageModel, StartsBlocksAsTheIdentityWhenAsked) {
  recipe::Model options = test::small(test::crammed_bert());
  options.zero_init_output = true;
  options.embedding_norm = true;
  options.final_norm = false;
  const MaskedLanguageModel model(options, kShape, {}, 5);
  recipe::Model shallow = options;
  shallow.layers = 1;
  const MaskedLanguageModel one_layer(shallow, kShape, {}, 5);
  const MaskedInput batch = make_batch();
  EXPECT_TRUE(at::equal(model.encode(batch.ids, Mode::kEvaluation),
                        one_layer.encode(batch.ids, Mode::kEvaluation)));
}

}  // namespace
}  // namespace cram::model
