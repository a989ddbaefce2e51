#include "cram/ops/dropout_mask.h"
#include "cram/ops/functions.h"
#include "cram/ops/reference.h"

#include "ops/support.h"

namespace cram::ops {
namespace {

using namespace test;

struct NormCase {
  NormKind kind;
  bool bias;
  std::int64_t rows, width;
};

class NormTest : public testing::TestWithParam<NormCase> {
 protected:
  // Around 1, as gains are.
  [[nodiscard]] static Tensors weights() {
    const auto c = GetParam();
    return {random({c.width}, 2, 0.3) + 1, c.bias ? random({c.width}, 3) : at::Tensor()};
  }
  [[nodiscard]] static Norm options(const WeightList& weights) {
    return {.kind = GetParam().kind, .epsilon = 1e-6, .gain = weights[0], .bias = weights[1]};
  }
};

TEST_P(NormTest, AgreesWithItsTwin) {
  const auto c = GetParam();
  expect_twins(
      [&](const Tensors& x, const WeightList& w) { return Tensors{norm(x[0], options(w))}; },
      [&](const Tensors& x) { return Tensors{reference::norm(x[0], c.kind, 1e-6, x[1], x[2])}; },
      {random({c.rows, c.width}, 1) + 0.5}, weights());
}

TEST_P(NormTest, WithResidualAgreesWithItsTwin) {
  const auto c = GetParam();
  expect_twins(
      [&](const Tensors& x, const WeightList& w) {
        const auto [sum, normed] = residual_norm(x[0], x[1], options(w));
        return Tensors{sum, normed};
      },
      [&](const Tensors& x) {
        const at::Tensor sum = x[0] + x[1];
        return Tensors{sum, reference::norm(sum, c.kind, 1e-6, x[2], x[3])};
      },
      {random({c.rows, 1, c.width}, 1), random({c.rows, 1, c.width}, 4)}, weights());
}

TEST_P(NormTest, WithDropoutBeforeTheResidualAgreesWithItsTwin) {
  const auto c = GetParam();
  expect_twins(
      [&](const Tensors& x, const WeightList& w) {
        at::manual_seed(5);
        const auto [sum, normed] = residual_norm(x[0], x[1], options(w), 0.3);
        return Tensors{sum, normed};
      },
      [&](const Tensors& x) {
        at::manual_seed(5);
        const at::Tensor kept = kept_elements(draw_dropout_mask(0.3), c.rows, c.width);
        const at::Tensor sum = x[0] + x[1] * kept.view(x[1].sizes()) / 0.7;
        return Tensors{sum, reference::norm(sum, c.kind, 1e-6, x[2], x[3])};
      },
      {random({c.rows, 1, c.width}, 1), random({c.rows, 1, c.width}, 4)}, weights());
}

TEST_P(NormTest, GivesTheSameBytesTwice) {
  const auto c = GetParam();
  expect_repeatable([&] {
    return fused_values_and_gradients(
        [&](const Tensors& x, const WeightList& w) { return Tensors{norm(x[0], options(w))}; },
        {random({c.rows, c.width}, 1)}, weights(), at::kBFloat16);
  });
}

INSTANTIATE_TEST_SUITE_P(Shapes, NormTest,
                         testing::Values(NormCase{NormKind::kLayerNorm, true, 7, 20},
                                         NormCase{NormKind::kLayerNorm, false, 300, 256},
                                         NormCase{NormKind::kLayerNorm, true, 1, 1},
                                         NormCase{NormKind::kRmsNorm, false, 7, 33},
                                         NormCase{NormKind::kRmsNorm, false, 129, 128}));

TEST(Norm, OfASumNobodyUsedPassesTheOtherGradient) {
  for (const auto type : {at::kFloat, at::kDouble}) {
    const auto gain = make_weight("gain", WeightRole::kGain, at::ones({4}), type);
    const auto x = random({3, 4}, 1).to(type).set_requires_grad(true);
    const auto residual = random({3, 4}, 2).to(type).set_requires_grad(true);
    const auto result = residual_norm(residual, x, {.gain = gain});
    result.sum.backward(at::ones_like(x));
    EXPECT_TRUE(at::equal(x.grad(), at::ones_like(x)));
    EXPECT_TRUE(at::equal(residual.grad(), at::ones_like(x)));
    EXPECT_EQ(gain->grad.abs().sum().item<double>(), 0);
  }
}

TEST(Norm, OfASumNobodyNormalisedDropsTheGradientOfWhatWasDropped) {
  for (const auto type : {at::kFloat, at::kDouble}) {
    const auto gain = make_weight("gain", WeightRole::kGain, at::ones({40}), type);
    const auto x = at::ones({3, 40}, type).set_requires_grad(true);
    const auto residual = at::zeros({3, 40}, type).set_requires_grad(true);
    const auto result = residual_norm(residual, x, {.gain = gain}, 0.5);
    result.sum.backward(at::ones_like(x));
    EXPECT_TRUE(at::equal(x.grad(), result.sum));
    EXPECT_TRUE(at::equal(residual.grad(), at::ones_like(x)));
  }
}

TEST(Norm, AddsGradientsOverTwoBackwardPasses) {
  const auto gain = make_weight("gain", WeightRole::kGain, at::ones({8}), at::kFloat);
  const auto run = [&] { norm(random({5, 8}, 1).to(at::kFloat), {.gain = gain}).sum().backward(); };
  run();
  const at::Tensor once = gain->grad.clone();
  run();
  EXPECT_LE(relative_error(gain->grad, once * 2), 1e-6);
}

TEST(Norm, WorksWithoutGradients) {
  const c10::NoGradGuard no_gradients;
  const auto gain = make_weight("gain", WeightRole::kGain, at::ones({8}), at::kBFloat16);
  const auto y = norm(random({5, 8}, 1).to(at::kBFloat16), {.gain = gain});
  EXPECT_FALSE(y.requires_grad());
}

TEST(Norm, RefusesAGainOfAnotherLength) {
  const auto gain = make_weight("gain", WeightRole::kGain, at::ones({8}), at::kFloat);
  EXPECT_ANY_THROW(static_cast<void>(norm(at::zeros({2, 7}), {.gain = gain})));
}

}  // namespace
}  // namespace cram::ops
