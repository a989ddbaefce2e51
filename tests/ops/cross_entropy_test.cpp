#include "cram/ops/functions.h"
#include "cram/ops/reference.h"

#include "ops/support.h"

namespace cram::ops {
namespace {

using namespace test;

struct LossCase {
  std::int64_t rows, width, vocabulary;
  bool bias;
  double softcap;
  double z_loss = 0;

  [[nodiscard]] LossOptions options() const { return {softcap, z_loss}; }
};

class MaskedCrossEntropyTest : public testing::TestWithParam<LossCase> {
 protected:
  [[nodiscard]] static at::Tensor hidden() {
    return random({GetParam().rows, GetParam().width}, 1);
  }
  [[nodiscard]] static at::Tensor targets() {
    auto generator = at::detail::createCPUGenerator(7);
    return at::randint(GetParam().vocabulary, {GetParam().rows}, generator, at::kLong);
  }
  [[nodiscard]] static Tensors weights() {
    const auto& c = GetParam();
    return {random({c.vocabulary, c.width}, 2, 0.5),
            c.bias ? random({c.vocabulary}, 3) : at::Tensor()};
  }
};

TEST_P(MaskedCrossEntropyTest, AgreesWithItsTwin) {
  const LossOptions options = GetParam().options();
  expect_twins(
      [&](const Tensors& x, const WeightList& w) {
        return Tensors{masked_cross_entropy(x[0], w[0], w[1], targets(), options).loss};
      },
      [&](const Tensors& x) {
        return Tensors{reference::masked_cross_entropy(x[0], x[1], x[2], targets(), options)};
      },
      {hidden()}, weights());
}

TEST_P(MaskedCrossEntropyTest, CountsWhatItGotRight) {
  const auto& c = GetParam();
  // Half of the targets are the highest logits.
  const Tensors w = weights();
  const at::Tensor z = reference::logits(hidden(), w[0], w[1], c.softcap);
  const at::Tensor index = at::arange(c.rows);
  const at::Tensor mixed = at::where(index.remainder(2).eq(0), z.argmax(-1), targets());
  const auto expected = z.argmax(-1).eq(mixed).sum().item<std::int64_t>();
  for (const auto type : {at::kFloat, at::kDouble}) {
    const auto decoder = make_weight("d", WeightRole::kEmbedding, w[0], type);
    const auto bias = c.bias ? make_weight("b", WeightRole::kBias, w[1], type) : nullptr;
    for (const bool trains : {false, true}) {
      const at::AutoGradMode mode(trains);
      const auto loss = masked_cross_entropy(hidden().to(type), decoder, bias, mixed, c.options());
      EXPECT_EQ(loss.correct.item<std::int64_t>(), expected);
    }
  }
}

TEST_P(MaskedCrossEntropyTest, GivesTheSameBytesTwice) {
  expect_repeatable([] {
    return fused_values_and_gradients(
        [](const Tensors& x, const WeightList& w) {
          return Tensors{
              masked_cross_entropy(x[0], w[0], w[1], targets(), GetParam().options()).loss};
        },
        {hidden()}, weights(), at::kBFloat16);
  });
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, MaskedCrossEntropyTest,
    testing::Values(LossCase{1, 16, 7, false, 0}, LossCase{5, 20, 33, true, 0},
                    LossCase{40, 33, 101, true, 3}, LossCase{300, 64, 1000, false, 0},
                    LossCase{131, 64, 777, true, 15}, LossCase{300, 64, 200, true, 0},
                    LossCase{5, 20, 33, true, 0, 0.1}, LossCase{300, 64, 1000, false, 0, 1e-2},
                    LossCase{131, 64, 777, true, 15, 0.1}));

// By hand, with two tokens: logits 0 and 1 and the target 0.
TEST(MaskedCrossEntropy, AddsTheSquareOfTheLogarithmOfTheSum) {
  const double log_sum = std::log(1 + std::exp(1.0)), p = std::exp(1 - log_sum);
  for (const auto type : {at::kFloat, at::kDouble}) {
    const auto decoder = make_weight("d", WeightRole::kEmbedding,
                                     at::tensor({0.0, 0.0, 1.0, 0.0}).view({2, 2}), type);
    const at::Tensor hidden = at::tensor({1.0, 0.0}).view({1, 2}).to(type);
    const auto loss =
        masked_cross_entropy(hidden, decoder, nullptr, at::zeros({1}, at::kLong), {.z_loss = 0.5});
    EXPECT_NEAR(loss.loss.item<double>(), log_sum + 0.5 * log_sum * log_sum, 1e-5);
    loss.loss.backward();
    EXPECT_NEAR(decoder->grad[0][0].item<double>(), (1 - p) * (1 + log_sum) - 1, 1e-5);
    EXPECT_NEAR(decoder->grad[1][0].item<double>(), p * (1 + log_sum), 1e-5);
  }
}

TEST(MaskedCrossEntropy, ScalesTheGradientsInBackwardAndAddsThem) {
  for (const auto type : {at::kFloat, at::kBFloat16, at::kDouble}) {
    const auto decoder = make_weight("d", WeightRole::kEmbedding, random({50, 16}, 1), type);
    const auto bias = make_weight("b", WeightRole::kBias, random({50}, 2), type);
    const at::Tensor targets = at::tensor({3, 49, 0}, at::kLong);
    const auto run = [&](double scale) {
      const at::Tensor hidden = random({3, 16}, 3).to(type).set_requires_grad(true);
      masked_cross_entropy(hidden, decoder, bias, targets).loss.mul(scale).backward();
      return hidden.grad();
    };
    const at::Tensor once = run(1);
    const at::Tensor decoder_once = decoder->grad.clone(), bias_once = bias->grad.clone();
    const at::Tensor thrice = run(2) + once;
    const double tolerance = type == at::kBFloat16 ? 1e-2 : 1e-5;
    EXPECT_LE(relative_error(thrice, once * 3), tolerance);
    EXPECT_LE(relative_error(decoder->grad, decoder_once * 3), tolerance);
    EXPECT_LE(relative_error(bias->grad, bias_once * 3), tolerance);
  }
}

TEST(MaskedCrossEntropy, StaysExactForHugeLogits) {
  // The first tokens look likely, the last ones are e^60 times likelier.
  const at::Tensor table =
      at::linspace(-100, 100, 1200, at::kDouble).unsqueeze(1).expand({1200, 2});
  const at::Tensor hidden = at::tensor({0.5, 1.0, -1.0, 0.25, 3.0, 3.0}, at::kDouble).view({3, 2});
  const at::Tensor targets = at::tensor({1199, 3, 600}, at::kLong);
  expect_twins(
      [&](const Tensors& x, const WeightList& w) {
        return Tensors{masked_cross_entropy(x[0], w[0], nullptr, targets).loss};
      },
      [&](const Tensors& x) {
        return Tensors{reference::masked_cross_entropy(x[0], x[1], {}, targets)};
      },
      {hidden}, {table.contiguous()});
}

TEST(MaskedCrossEntropy, TurnsNaNIntoNaN) {
  const auto decoder = make_weight("d", WeightRole::kEmbedding, random({50, 16}, 1), at::kFloat);
  const at::Tensor hidden = at::full({3, 16}, NAN, at::kFloat);
  const auto loss = masked_cross_entropy(hidden, decoder, nullptr, at::zeros({3}, at::kLong));
  EXPECT_TRUE(loss.loss.isnan().item<bool>());
}

TEST(MaskedCrossEntropy, RefusesNoRowsAndForeignTargets) {
  const auto decoder = make_weight("d", WeightRole::kEmbedding, random({50, 16}, 1), at::kFloat);
  const auto loss = [&](std::int64_t rows, const at::Tensor& targets) {
    static_cast<void>(masked_cross_entropy(at::zeros({rows, 16}), decoder, nullptr, targets));
  };
  EXPECT_ANY_THROW(loss(0, at::zeros({0}, at::kLong)));
  EXPECT_ANY_THROW(loss(2, at::zeros({1}, at::kLong)));
  EXPECT_ANY_THROW(loss(1, at::tensor({50}, at::kLong)));
}

TEST(Logits, AgreeWithTheirTwin) {
  for (const auto type : {at::kFloat, at::kBFloat16}) {
    const auto decoder = make_weight("d", WeightRole::kEmbedding, random({50, 16}, 1), type);
    const auto bias = make_weight("b", WeightRole::kBias, random({50}, 2), type);
    const at::Tensor hidden = random({3, 16}, 3).to(type).set_requires_grad(true);
    const at::Tensor got = logits(hidden, decoder, bias, 5.0);
    EXPECT_EQ(got.scalar_type(), at::kFloat);
    EXPECT_FALSE(got.requires_grad());
    const at::Tensor wanted = reference::logits(
        hidden.to(at::kDouble), decoder->master.to(at::kDouble), bias->master.to(at::kDouble), 5.0);
    EXPECT_LE(relative_error(got, wanted), type == at::kFloat ? 1e-5 : 2e-2);
  }
}

}  // namespace
}  // namespace cram::ops
