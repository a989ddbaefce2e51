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

// Enough rows for threads to share. The gradient of the mix is a sum of terms that cancel, of which
// bf16 inputs leave two digits: it is held in fp32 alone.
TEST(MixValues, AgreesWithItsTwinInManyRows) {
  at::set_num_threads(3);
  for (const auto type : {at::kFloat, at::kBFloat16}) {
    Tensors inputs{random({3, 500, 120}, 1), random({3, 500, 40}, 2)};
    for (auto& x : inputs) x = x.to(type).to(at::kDouble);
    const at::Tensor mix = at::full({1, 1}, 0.25, at::kDouble);
    const Tensors got = fused_values_and_gradients(
        [](const Tensors& x, const WeightList& w) { return Tensors{mix_values(x[0], x[1], w[0])}; },
        inputs, {mix}, type);
    const Tensors exact = values_and_gradients(
        [](const Tensors& x) { return Tensors{reference::mix_values(x[0], x[1], x[2])}; },
        {inputs[0], inputs[1], mix}, at::kDouble);
    ASSERT_EQ(got.size(), exact.size());
    const std::size_t held = type == at::kFloat ? exact.size() : exact.size() - 1;
    for (std::size_t i = 0; i < held; ++i) {
      EXPECT_LE(relative_error(got[i], exact[i]), type == at::kFloat ? 1e-5 : 4e-3) << i;
    }
  }
  at::set_num_threads(1);
}

TEST(MixValues, TakesValuesThatLieUnevenly) {
  const auto mix = make_weight("m", WeightRole::kGain, at::full({1, 1}, 0.5), at::kFloat);
  const c10::NoGradGuard no_gradients;
  const auto expect_as_dense = [&](const at::Tensor& qkv, const at::Tensor& first) {
    EXPECT_TRUE(at::equal(mix_values(qkv, first, mix),
                          mix_values(qkv.clone(at::MemoryFormat::Contiguous),
                                     first.clone(at::MemoryFormat::Contiguous), mix)));
  };
  for (const std::int64_t length : {5, 1}) {
    const at::Tensor qkv = random({length, 3, 24}, 1).to(at::kFloat).transpose(0, 1);
    expect_as_dense(qkv, random({length, 3, 8}, 2).to(at::kFloat).transpose(0, 1));
    expect_as_dense(qkv, random({1, length, 8}, 3).to(at::kFloat).expand({3, length, 8}));
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

TEST(MixValues, RefusesOtherShapesAndTypes) {
  const auto mix = make_weight("m", WeightRole::kGain, at::full({1, 1}, 0.5), at::kFloat);
  EXPECT_ANY_THROW((void)mix_values(at::zeros({2, 5, 24}), at::zeros({2, 5, 12}), mix));
  EXPECT_ANY_THROW((void)mix_values(at::zeros({2, 5, 24}), at::zeros({2, 4, 8}), mix));
  EXPECT_ANY_THROW((void)mix_values(at::zeros({2, 5, 24}), at::zeros({1, 5, 8}), mix));
  EXPECT_ANY_THROW((void)mix_values(at::zeros({2, 5, 24}), at::zeros({2, 5, 8}, at::kHalf), mix));
}

}  // namespace
}  // namespace cram::ops
