#include "cram/ops/functions.h"
#include "cram/ops/reference.h"

#include "ops/support.h"

namespace cram::ops {
namespace {

using namespace test;

class ActivationTest : public testing::TestWithParam<ActivationKind> {};

TEST_P(ActivationTest, AgreesWithItsTwin) {
  for (const auto& shape : {std::vector<std::int64_t>{3, 5, 7}, {64, 256}, {1}}) {
    expect_twins(
        [](const Tensors& x, const WeightList&) { return Tensors{activation(x[0], GetParam())}; },
        [](const Tensors& x) { return Tensors{reference::activation(x[0], GetParam())}; },
        {random(shape, 1, 2.0)}, {});
  }
}

TEST_P(ActivationTest, GatedAgreesWithItsTwin) {
  for (const auto& shape : {std::vector<std::int64_t>{3, 5, 14}, {64, 256}, {1, 2}}) {
    expect_twins(
        [](const Tensors& x, const WeightList&) {
          return Tensors{gated_activation(x[0], GetParam())};
        },
        [](const Tensors& x) { return Tensors{reference::gated_activation(x[0], GetParam())}; },
        {random(shape, 1, 2.0)}, {});
  }
}

TEST_P(ActivationTest, StaysSaneFarFromZero) {
  const at::Tensor x = at::linspace(-200, 200, 2001, at::kFloat).set_requires_grad(true);
  const at::Tensor y = activation(x, GetParam());
  y.sum().backward();
  const at::Tensor wanted = reference::activation(x.detach().to(at::kDouble), GetParam());
  EXPECT_LE(relative_error(y, wanted), 1e-6);
  EXPECT_TRUE(x.grad().isfinite().all().item<bool>());
}

TEST_P(ActivationTest, KeepsNaN) {
  const at::Tensor y = activation(at::full({5}, NAN, at::kFloat), GetParam());
  EXPECT_TRUE(y.isnan().all().item<bool>());
}

INSTANTIATE_TEST_SUITE_P(Kinds, ActivationTest,
                         testing::Values(ActivationKind::kGelu, ActivationKind::kGeluTanh,
                                         ActivationKind::kRelu, ActivationKind::kReluSquared,
                                         ActivationKind::kSilu));

TEST(GatedActivation, RefusesOddRows) {
  EXPECT_ANY_THROW(static_cast<void>(gated_activation(at::zeros({2, 3}), ActivationKind::kGelu)));
}

}  // namespace
}  // namespace cram::ops
