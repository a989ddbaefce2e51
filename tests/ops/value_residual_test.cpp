#include "cram/ops/functions.h"
#include "cram/ops/reference.h"

#include "ops/support.h"

namespace cram::ops {
namespace {

using namespace test;

TEST(MixValues, AgreesWithItsTwin) {
  for (const double mix : {0.0, 0.3, 0.8, 1.0}) {
    expect_twins([&](const Tensors& x,
                     const WeightList& w) { return Tensors{mix_values(x[0], x[1], w[0])}; },
                 [&](const Tensors& x) { return Tensors{reference::mix_values(x[0], x[1], x[2])}; },
                 {random({2, 5, 24}, 1), random({2, 5, 8}, 2)},
                 {at::full({1, 1}, mix, at::kDouble)});
  }
}

TEST(MixValues, TakesTheFirstLayersValuesAsAViewOfItsProjections) {
  const Tensors inputs = {random({2, 5, 24}, 1), random({2, 5, 24}, 2)};
  const at::Tensor mix = at::full({1, 1}, 0.25, at::kDouble);
  const Tensors got = fused_values_and_gradients(
      [](const Tensors& x, const WeightList& w) {
        return Tensors{mix_values(x[0], values_of(x[1]), w[0])};
      },
      inputs, {mix}, at::kFloat);
  const Tensors exact = values_and_gradients(
      [](const Tensors& x) {
        return Tensors{reference::mix_values(x[0], x[1].chunk(3, -1)[2], x[2])};
      },
      {inputs[0], inputs[1], mix}, at::kDouble);
  ASSERT_EQ(got.size(), exact.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_LE(relative_error(got[i], exact[i]), 1e-5);
}

TEST(MixValues, RefusesOtherWidths) {
  const auto mix = make_weight("m", WeightRole::kGain, at::full({1, 1}, 0.5), at::kFloat);
  EXPECT_ANY_THROW((void)mix_values(at::zeros({2, 5, 24}), at::zeros({2, 5, 12}), mix));
}

}  // namespace
}  // namespace cram::ops
