// The arithmetic of the GPU kernels, which runs here on the CPU, against ATen's and against sums
// taken the long way.
#include "src/cuda/arithmetic.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/tensor.h>

#include "cram/ops/reference.h"

namespace cram::cuda {
namespace {

using ops::ActivationKind;

template <ActivationKind kKind>
void expect_as_aten() {
  const at::Tensor x = at::linspace(-6, 6, 1001, at::kFloat).set_requires_grad(true);
  const at::Tensor y = ops::reference::activation(x, kKind);
  y.sum().backward();
  for (int i = 0; i < x.numel(); ++i) {
    const ValueAndSlope got = activate<kKind>(x[i].item<float>());
    EXPECT_NEAR(got.value, y[i].item<float>(), 2e-6 * (1 + std::abs(got.value)));
    EXPECT_NEAR(got.slope, x.grad()[i].item<float>(), 2e-6 * (1 + std::abs(got.slope)));
  }
}

TEST(ArithmeticTest, ActivationsAndTheirSlopesAreAtens) {
  expect_as_aten<ActivationKind::kGelu>();
  expect_as_aten<ActivationKind::kGeluTanh>();
  expect_as_aten<ActivationKind::kSilu>();
  expect_as_aten<ActivationKind::kRelu>();
  expect_as_aten<ActivationKind::kReluSquared>();
}

TEST(ArithmeticTest, ActivationsKeepWhatIsNotANumber) {
  const float nan = std::nanf("");
  EXPECT_TRUE(std::isnan(activate<ActivationKind::kGelu>(nan).value));
  EXPECT_TRUE(std::isnan(activate<ActivationKind::kGeluTanh>(nan).value));
  EXPECT_TRUE(std::isnan(activate<ActivationKind::kSilu>(nan).value));
  EXPECT_TRUE(std::isnan(activate<ActivationKind::kRelu>(nan).value));
  EXPECT_TRUE(std::isnan(activate<ActivationKind::kReluSquared>(nan).value));
}

TEST(ArithmeticTest, ACapBendsLogitsAndNoCapLeavesThem) {
  EXPECT_FLOAT_EQ(cap(12.0F, 0.0F).value, 12.0F);
  EXPECT_FLOAT_EQ(cap(12.0F, 0.0F).slope, 1.0F);
  EXPECT_FLOAT_EQ(cap(30.0F, 15.0F).value, 15.0F * std::tanh(2.0F));
  const float step = 0.01F;
  const float rise = cap(4.0F + step, 15.0F).value - cap(4.0F - step, 15.0F).value;
  EXPECT_NEAR(cap(4.0F, 15.0F).slope, rise / (2 * step), 1e-4);
}

SoftmaxSum sum_of(const std::vector<float>& logits, std::size_t first, std::size_t last) {
  SoftmaxSum sum;
  for (std::size_t i = first; i < last; ++i) sum.add(logits[i], static_cast<long long>(i));
  return sum;
}

TEST(ArithmeticTest, SoftmaxSumsOfPartsAreThoseOfTheWhole) {
  const std::vector<float> logits = {-80, 3, 88, -1, 88, 0, 87.5, -INFINITY, 2};
  double expected = 0;
  for (const float x : logits) expected += std::exp(static_cast<double>(x) - 88);
  for (std::size_t cut = 0; cut <= logits.size(); ++cut) {
    SoftmaxSum left = sum_of(logits, 0, cut);
    const SoftmaxSum right = sum_of(logits, cut, logits.size());
    SoftmaxSum backwards = right;
    backwards.add(left);
    left.add(right);
    for (const SoftmaxSum& all : {left, backwards}) {
      EXPECT_EQ(all.most, 88);
      EXPECT_EQ(all.place, 2) << "of two that are the highest, the first";
      EXPECT_NEAR(all.sum, expected, 1e-6);
    }
  }
}

TEST(ArithmeticTest, NeighboursAddedTogetherAreThoseAddedOneByOne) {
  const std::vector<std::vector<float>> rows = {{1, 5, 5, -INFINITY},
                                                {-INFINITY, -INFINITY, -INFINITY, -INFINITY},
                                                {-90, 0, 4, 5},
                                                {7, 1, 7, 7}};
  SoftmaxSum together, single;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    float four[4];
    std::copy(rows[r].begin(), rows[r].end(), four);
    const auto first = static_cast<long long>(4 * r);
    together.add(four, first);
    for (int i = 0; i < 4; ++i) single.add(four[i], first + i);
    EXPECT_EQ(together.place, single.place);
    EXPECT_EQ(together.most, single.most);
    EXPECT_NEAR(together.sum, single.sum, 1e-6);
  }
  EXPECT_EQ(together.place, 12);
  const float bad[4] = {1, std::nanf(""), 2, 3};
  together.add(bad, 16);
  EXPECT_TRUE(std::isnan(together.sum));
}

TEST(ArithmeticTest, ALogitThatIsNotANumberIsNotLost) {
  SoftmaxSum bad, good;
  bad.add(std::nanf(""), 0);
  good.add(2.0F, 1);
  SoftmaxSum backwards = good;
  backwards.add(bad);
  bad.add(good);
  EXPECT_TRUE(std::isnan(bad.sum));
  EXPECT_TRUE(std::isnan(backwards.sum));
}

TEST(ArithmeticTest, APairTurnedAndTurnedBackIsItself) {
  const Pair there = rotate({1.5F, -2.0F}, std::cos(0.7F), std::sin(0.7F));
  const Pair back = rotate(there, std::cos(0.7F), -std::sin(0.7F));
  EXPECT_NEAR(back.first, 1.5F, 1e-6);
  EXPECT_NEAR(back.second, -2.0F, 1e-6);
  EXPECT_NEAR(std::hypot(there.first, there.second), 2.5F, 1e-6);
}

TEST(ArithmeticTest, TheSlopeOfANormIsThatOfAtens) {
  const at::Tensor x = at::tensor({0.3F, -1.2F, 2.0F, 0.7F}).set_requires_grad(true);
  const at::Tensor dy = at::tensor({1.0F, -0.5F, 0.25F, 2.0F});
  const at::Tensor y = ops::reference::norm(x, ops::NormKind::kLayerNorm, 1e-6,
                                            at::tensor({1.F, 1.F, 1.F, 1.F}), {});
  y.backward(dy);
  const float scale = 1 / std::sqrt(x.var(0, false).item<float>() + 1e-6F);
  const float mean = dy.mean().item<float>(), along = (dy * y).mean().item<float>();
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(norm_slope(dy[i].item<float>(), y[i].item<float>(), mean, along, scale),
                x.grad()[i].item<float>(), 1e-6);
  }
}

}  // namespace
}  // namespace cram::cuda
