#include "cram/ops/functions.h"

#include "ops/support.h"

namespace cram::ops {
namespace {

using namespace test;

struct LinearCase {
  std::vector<std::int64_t> rows;
  std::int64_t in, out;
  bool bias;
};

class LinearTest : public testing::TestWithParam<LinearCase> {
 protected:
  [[nodiscard]] static Tensors weights() {
    const auto& c = GetParam();
    return {random({c.out, c.in}, 2), c.bias ? random({c.out}, 3) : at::Tensor()};
  }
  [[nodiscard]] static at::Tensor input() {
    auto shape = GetParam().rows;
    shape.push_back(GetParam().in);
    return random(shape, 1);
  }
};

TEST_P(LinearTest, AgreesWithItsTwin) {
  expect_twins(
      [](const Tensors& x, const WeightList& w) { return Tensors{linear(x[0], w[0], w[1])}; },
      [](const Tensors& x) { return Tensors{at::linear(x[0], x[1], x[2])}; }, {input()}, weights());
}

TEST_P(LinearTest, GivesTheSameBytesTwice) {
  expect_repeatable([] {
    return fused_values_and_gradients(
        [](const Tensors& x, const WeightList& w) { return Tensors{linear(x[0], w[0], w[1])}; },
        {input()}, weights(), at::kBFloat16);
  });
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, LinearTest,
    testing::Values(LinearCase{{3, 5}, 20, 33, true}, LinearCase{{1}, 1, 1, false},
                    LinearCase{{1}, 64, 48, true}, LinearCase{{257}, 64, 96, false},
                    LinearCase{{2, 150}, 256, 512, true}, LinearCase{{333}, 1030, 66, true}));

TEST(Linear, AddsGradientsOverTwoBackwardPassesInFp32) {
  for (const auto type : {at::kFloat, at::kBFloat16}) {
    const auto weight = make_weight("w", WeightRole::kHiddenMatrix, random({32, 64}, 1), type);
    const auto run = [&](std::uint64_t seed) {
      const at::Tensor x = random({128, 64}, seed).to(type);
      linear(x, weight).backward(random({128, 32}, seed + 1).to(type));
    };
    run(1);
    const at::Tensor first = weight->grad.clone();
    weight->grad.zero_();
    run(2);
    const at::Tensor second = weight->grad.clone();
    run(1);
    EXPECT_EQ(weight->grad.scalar_type(), at::kFloat);
    EXPECT_LE(relative_error(weight->grad, first + second), 1e-6);
  }
}

TEST(Linear, LeavesTheGradientOfAConstantInputAlone) {
  const auto weight = make_weight("w", WeightRole::kHiddenMatrix, at::ones({4, 4}), at::kFloat);
  const at::Tensor x = at::ones({2, 4});
  linear(x, weight).sum().backward();
  EXPECT_FALSE(x.grad().defined());
  EXPECT_EQ(weight->grad.sum().item<double>(), 32);
}

TEST(Linear, TakesInputsThatAreNotContiguous) {
  const auto weight = make_weight("w", WeightRole::kHiddenMatrix, random({6, 8}, 1), at::kBFloat16);
  const at::Tensor whole = random({10, 16}, 2).to(at::kBFloat16);
  const at::Tensor part = whole.narrow(1, 4, 8);
  const c10::NoGradGuard no_gradients;
  EXPECT_TRUE(at::equal(linear(part, weight), linear(part.contiguous(), weight)));
}

TEST(Linear, RefusesInputsOfAnotherWidth) {
  const auto weight = make_weight("w", WeightRole::kHiddenMatrix, at::ones({4, 4}), at::kFloat);
  EXPECT_ANY_THROW(static_cast<void>(linear(at::ones({2, 5}), weight)));
}

}  // namespace
}  // namespace cram::ops
