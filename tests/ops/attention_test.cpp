#include <cmath>
#include <ostream>

#include "cram/ops/functions.h"
#include "cram/ops/reference.h"

#include "ops/support.h"

namespace cram::ops {
namespace {

using namespace test;

struct AttentionCase {
  std::int64_t batch, length, heads, head_size;
  bool rotary = false, qk_norm = false;

  friend std::ostream& operator<<(std::ostream& out, const AttentionCase& c) {
    return out << c.batch << " sequences of " << c.length << ", " << c.heads << " heads of "
               << c.head_size << (c.rotary ? ", rotary" : "") << (c.qk_norm ? ", qk_norm" : "");
  }
};

Attention options(const AttentionCase& c) {
  Attention made{.heads = c.heads, .qk_norm = c.qk_norm};
  if (c.rotary) {
    // Angles of any size: that they come from positions is the model's business.
    const at::Tensor angles = random({c.length, c.head_size / 2}, 5, 2.0).to(at::kFloat);
    made.rotary_cos = angles.cos();
    made.rotary_sin = angles.sin();
  }
  return made;
}

at::Tensor random_qkv(const AttentionCase& c) {
  return random({c.batch, c.length, 3 * c.heads * c.head_size}, 1);
}

class AttentionTest : public testing::TestWithParam<AttentionCase> {
 protected:
  const AttentionCase& case_ = GetParam();
  Attention options_ = options(case_);

  [[nodiscard]] Tensors run(const Tensors& qkv) const { return {attention(qkv[0], options_)}; }
};

TEST_P(AttentionTest, AgreesWithItsTwin) {
  expect_twins([&](const Tensors& x, const WeightList&) { return run(x); },
               [&](const Tensors& x) { return Tensors{reference::attention(x[0], options_)}; },
               {random_qkv(case_)}, {});
}

TEST_P(AttentionTest, ThroughAtensFusedKernelAgreesWithItsTwin) {
  options_.kernel = AttentionKernel::kFused;
  expect_twins([&](const Tensors& x, const WeightList&) { return run(x); },
               [&](const Tensors& x) { return Tensors{reference::attention(x[0], options_)}; },
               {random_qkv(case_)}, {});
}

TEST_P(AttentionTest, GivesTheSameBytesTwice) {
  for (const auto type : {at::kFloat, at::kBFloat16}) {
    expect_repeatable([&] {
      return values_and_gradients([&](const Tensors& x) { return run(x); }, {random_qkv(case_)},
                                  type);
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, AttentionTest,
                         testing::Values(AttentionCase{2, 16, 2, 8}, AttentionCase{3, 33, 1, 64},
                                         AttentionCase{1, 1, 2, 2}, AttentionCase{2, 7, 3, 5},
                                         AttentionCase{2, 128, 4, 64, true},
                                         AttentionCase{1, 130, 2, 32, true, true},
                                         AttentionCase{5, 31, 2, 6, false, true}));

// Softmax by hand on a sequence of two, one head of one number.
TEST(Attention, WeighsValuesByTheSoftmaxOfScaledScores) {
  const at::Tensor qkv = at::tensor({1.0f, 2.0f, 10.0f, 0.0f, 1.0f, 20.0f}).view({1, 2, 3});
  const at::Tensor y = attention(qkv, {.heads = 1});
  const double first = 1 / (1 + std::exp(-1.0));  // of scores 2 and 1
  EXPECT_NEAR(y[0][0][0].item<double>(), first * 10 + (1 - first) * 20, 1e-4);
  EXPECT_NEAR(y[0][1][0].item<double>(), 15, 1e-4);
}

TEST(Attention, StaysExactForHugeScores) {
  const AttentionCase shape{1, 24, 1, 16};
  const at::Tensor qkv = random_qkv(shape) * 100;
  const at::Tensor wanted = reference::attention(qkv, options(shape));
  EXPECT_LE(relative_error(attention(qkv.to(at::kFloat), options(shape)), wanted), 1e-3);
}

TEST(Attention, TurnsNaNIntoNaN) {
  at::Tensor qkv = random({1, 8, 48}, 1).to(at::kFloat);
  qkv[0][3][0] = std::nanf("");
  EXPECT_TRUE(attention(qkv, {.heads = 2}).isnan().any().item<bool>());
}

TEST(Attention, TakesInputsThatAreNotContiguous) {
  const at::Tensor qkv = random({4, 2, 48}, 1).to(at::kFloat);
  const Attention two_heads{.heads = 2};
  EXPECT_TRUE(at::equal(attention(qkv.transpose(0, 1), two_heads),
                        attention(qkv.transpose(0, 1).contiguous(), two_heads)));
}

TEST(Attention, RefusesPartsOfHeads) {
  EXPECT_ANY_THROW(static_cast<void>(attention(at::zeros({1, 4, 10}), {.heads = 2})));
}

}  // namespace
}  // namespace cram::ops
