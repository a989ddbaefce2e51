#include <cmath>
#include <ostream>
#include <vector>

#include "cram/ops/dropout_mask.h"
#include "cram/ops/functions.h"
#include "cram/ops/reference.h"

#include "ops/support.h"

namespace cram::ops {
namespace {

using namespace test;

struct AttentionCase {
  std::int64_t batch, length, heads, head_size;
  bool rotary = false, qk_norm = false;
  std::vector<std::int64_t> lengths = {};
  double dropout = 0;
  std::int64_t window = 0;
  std::vector<std::int64_t> documents = {};  // where each but the first begins, in all sequences

  friend std::ostream& operator<<(std::ostream& out, const AttentionCase& c) {
    return out << c.batch << " sequences of " << c.length << ", " << c.heads << " heads of "
               << c.head_size << (c.rotary ? ", rotary" : "") << (c.qk_norm ? ", qk_norm" : "")
               << (c.lengths.empty() ? "" : ", padded") << ", dropout " << c.dropout << ", window "
               << c.window << (c.documents.empty() ? "" : ", documents");
  }
};

// Those of the second sequence begin a token later, and so on.
at::Tensor documents(const AttentionCase& c) {
  at::Tensor numbers = at::zeros({c.batch, c.length}, at::kLong);
  for (std::int64_t row = 0; row < c.batch; ++row) {
    for (const std::int64_t start : c.documents) numbers[row].slice(0, start + row).add_(1);
  }
  return numbers;
}

Attention options(const AttentionCase& c) {
  Attention made{.heads = c.heads, .dropout = c.dropout, .window = c.window, .qk_norm = c.qk_norm};
  if (!c.lengths.empty()) made.lengths = at::tensor(c.lengths, at::kLong);
  if (!c.documents.empty()) made.documents = documents(c);
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

  [[nodiscard]] Tensors run(const Tensors& qkv) const {
    at::manual_seed(kSeed);
    return {attention(qkv[0], options_)};
  }

  // With the mask that the seed gives, element by element.
  [[nodiscard]] Tensors run_twin(const Tensors& qkv) const {
    at::manual_seed(kSeed);
    const DropoutMask mask = draw_dropout_mask(options_.dropout);
    return {reference::attention(qkv[0], options_,
                                 kept_weights(mask, {case_.batch, case_.heads, case_.length}))};
  }

 private:
  static constexpr std::uint64_t kSeed = 11;
};

TEST_P(AttentionTest, AgreesWithItsTwin) {
  expect_twins([&](const Tensors& x, const WeightList&) { return run(x); },
               [&](const Tensors& x) { return run_twin(x); }, {random_qkv(case_)}, {});
}

TEST_P(AttentionTest, ThroughAtensFusedKernelAgreesWithItsTwin) {
  options_.kernel = AttentionKernel::kFused;
  options_.dropout = 0;  // its masks are ATen's own
  expect_twins([&](const Tensors& x, const WeightList&) { return run(x); },
               [&](const Tensors& x) { return run_twin(x); }, {random_qkv(case_)}, {});
}

TEST_P(AttentionTest, GivesTheSameBytesTwice) {
  for (const auto type : {at::kFloat, at::kBFloat16}) {
    expect_repeatable([&] {
      return values_and_gradients([&](const Tensors& x) { return run(x); }, {random_qkv(case_)},
                                  type);
    });
  }
}

TEST_P(AttentionTest, GivesTheSameBytesOnAnyNumberOfThreads) {
  const auto on_threads = [&](int threads) {
    at::set_num_threads(threads);
    return values_and_gradients([&](const Tensors& x) { return run(x); }, {random_qkv(case_)},
                                at::kFloat);
  };
  const Tensors one = on_threads(1), three = on_threads(3);
  EXPECT_TRUE(at::equal(one[0], three[0]));
  EXPECT_TRUE(at::equal(one[1], three[1]));
}

INSTANTIATE_TEST_SUITE_P(Shapes, AttentionTest,
                         testing::Values(AttentionCase{2, 16, 2, 8}, AttentionCase{3, 33, 1, 64},
                                         AttentionCase{1, 1, 2, 2}, AttentionCase{2, 7, 3, 5},
                                         AttentionCase{2, 128, 4, 64, true},
                                         AttentionCase{1, 130, 2, 32, true, true},
                                         AttentionCase{5, 31, 2, 6, false, true}));

INSTANTIATE_TEST_SUITE_P(
    FineTuning, AttentionTest,
    testing::Values(
        AttentionCase{.batch = 3, .length = 20, .heads = 2, .head_size = 32, .dropout = 0.1},
        AttentionCase{2, 130, 1, 16, true, true, {130, 67}, 0.3},
        AttentionCase{4, 33, 3, 8, false, false, {33, 1, 16, 17}},
        AttentionCase{3, 24, 2, 32, true, false, {5, 24, 24}, 0.5},
        AttentionCase{2, 9, 2, 5, false, false, {9, 4}, 0.1},
        AttentionCase{5, 64, 2, 4, false, true, {64, 48, 20, 63, 2}, 0.1}));

INSTANTIATE_TEST_SUITE_P(
    Local, AttentionTest,
    testing::Values(
        AttentionCase{.batch = 2, .length = 33, .heads = 2, .head_size = 8, .window = 4},
        AttentionCase{.batch = 1, .length = 200, .heads = 1, .head_size = 16, .window = 64},
        AttentionCase{.batch = 2, .length = 16, .heads = 2, .head_size = 8, .window = 16},
        AttentionCase{2, 130, 2, 32, true, true, {130, 67}, 0.3, 5},
        AttentionCase{3, 40, 1, 4, false, false, {40, 1, 17}, 0, 1},
        AttentionCase{2, 24, 2, 5, false, false, {9, 24}, 0.1, 3}));

INSTANTIATE_TEST_SUITE_P(
    Documents, AttentionTest,
    testing::Values(
        AttentionCase{.batch = 2, .length = 33, .heads = 2, .head_size = 8, .documents = {7}},
        AttentionCase{2, 130, 2, 32, true, true, {}, 0, 0, {1, 64, 65, 127}},
        AttentionCase{2, 130, 2, 32, true, true, {130, 67}, 0.3, 5, {3, 60, 90}},
        AttentionCase{3, 24, 2, 5, false, false, {24, 9, 20}, 0.1, 0, {10}},
        AttentionCase{1, 200, 1, 16, false, false, {}, 0, 64, {100, 150}}));

TEST(Attention, SeesNothingOfAnotherDocument) {
  at::Tensor qkv = random({2, 20, 48}, 1).to(at::kFloat);
  Attention options{.heads = 2};
  options.documents = at::zeros({2, 20}, at::kLong);
  options.documents[0].slice(0, 8).fill_(1);
  options.documents[0].slice(0, 15).fill_(4);
  const at::Tensor before = attention(qkv, options);
  qkv[0].select(0, 12).fill_(9);
  const at::Tensor changed = attention(qkv, options).ne(before).any(2);
  for (std::int64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(changed[0][i].item<bool>(), i >= 8 && i < 15) << "token " << i;
    EXPECT_FALSE(changed[1][i].item<bool>()) << "token " << i;
  }
}

// Not even a weight too small to matter: what is multiplied with such numbers is denormal, and
// slow.
TEST(Attention, GivesNoGradientAtAllToWhatIsNotSeen) {
  Attention documents{.heads = 2}, local{.heads = 2, .window = 5};
  documents.documents = at::arange(40, at::kLong).ge(20).to(at::kLong).unsqueeze(0);
  for (const Attention& options : {documents, local}) {
    const at::Tensor qkv = random({1, 40, 48}, 1).to(at::kFloat).set_requires_grad(true);
    const at::Tensor y = attention(qkv, options);
    y.slice(1, 0, 12).sum().backward();
    const at::Tensor gradient = qkv.grad();
    EXPECT_TRUE(gradient.slice(1, 0, 12).ne(0).any().item<bool>());
    EXPECT_TRUE(gradient.slice(1, 20).eq(0).all().item<bool>());
  }
}

// Each document alone, put together again.
TEST(Attention, OfTwoDocumentsIsThatOfEach) {
  const at::Tensor qkv = random({1, 50, 48}, 2).to(at::kFloat);
  Attention options{.heads = 2};
  const at::Tensor first = attention(qkv.slice(1, 0, 18), options);
  const at::Tensor second = attention(qkv.slice(1, 18), options);
  options.documents = at::arange(50, at::kLong).ge(18).to(at::kLong).unsqueeze(0);
  EXPECT_TRUE(at::allclose(attention(qkv, options), at::cat({first, second}, 1), 1e-5, 1e-6));
}

TEST(Attention, RefusesDocumentsThatAreNotOnePieceEach) {
  const at::Tensor qkv = random({1, 4, 6}, 1).to(at::kFloat);
  Attention options{.heads = 1};
  options.documents = at::tensor({0, 1, 0, 2}, at::kLong).unsqueeze(0);
  EXPECT_ANY_THROW((void)attention(qkv, options));
  options.documents = at::zeros({1, 5}, at::kLong);
  EXPECT_ANY_THROW((void)attention(qkv, options));
}

TEST(Attention, SeesNothingBeyondItsWindow) {
  at::Tensor qkv = random({1, 20, 48}, 1).to(at::kFloat);
  const Attention local{.heads = 2, .window = 3};
  const at::Tensor before = attention(qkv, local);
  qkv.select(1, 12).fill_(9);
  const at::Tensor changed = attention(qkv, local).ne(before).any(2).squeeze(0);
  for (std::int64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(changed[i].item<bool>(), std::abs(i - 12) <= 3) << "token " << i;
  }
}

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

// Output and gradient of a batch of two sequences, the second of three tokens among eight.
Tensors run_padded(const at::Tensor& qkv, AttentionKernel kernel, at::ScalarType type) {
  const Attention padded{
      .heads = 2, .kernel = kernel, .dropout = 0.2, .lengths = at::tensor({8, 3}, at::kLong)};
  at::manual_seed(1);
  return values_and_gradients([&](const Tensors& x) { return Tensors{attention(x[0], padded)}; },
                              {qkv}, type);
}

TEST(Attention, SeesNothingOfThePadding) {
  const at::Tensor qkv = random({2, 8, 48}, 1), other = qkv.clone();
  other[1].slice(0, 3).copy_(random({5, 48}, 2, 50.0));
  for (const auto kernel : {AttentionKernel::kMatmul, AttentionKernel::kFused}) {
    for (const auto type : {at::kFloat, at::kBFloat16, at::kDouble}) {
      const Tensors some = run_padded(qkv, kernel, type), others = run_padded(other, kernel, type);
      for (std::size_t i = 0; i < some.size(); ++i) {
        EXPECT_TRUE(at::equal(some[i], others[i])) << name(kernel) << ", " << type;
        EXPECT_EQ(some[i][1].slice(0, 3).abs().max().item<double>(), 0);
        EXPECT_GT(some[i][1][2].abs().max().item<double>(), 0);
      }
    }
  }
}

TEST(Attention, OfASequenceIsTheSameWithAndWithoutPadding) {
  const at::Tensor qkv = random({1, 40, 96}, 1).to(at::kFloat);
  const auto run = [&](std::int64_t padded, const at::Tensor& lengths) {
    at::manual_seed(1);
    return attention(qkv.slice(1, 0, padded), {.heads = 2, .dropout = 0.1, .lengths = lengths});
  };
  EXPECT_TRUE(at::equal(run(21, {}), run(40, at::tensor({21}, at::kLong)).slice(1, 0, 21)));
}

TEST(Attention, RefusesLengthsThatDoNotFit) {
  const at::Tensor qkv = at::zeros({2, 4, 12});
  for (const auto& lengths : {at::tensor({4, 5}, at::kLong), at::tensor({0, 4}, at::kLong),
                              at::tensor({4}, at::kLong), at::tensor({4, 4}, at::kInt)}) {
    EXPECT_ANY_THROW(static_cast<void>(attention(qkv, {.heads = 2, .lengths = lengths})));
  }
}

TEST(Attention, RefusesPartsOfHeads) {
  EXPECT_ANY_THROW(static_cast<void>(attention(at::zeros({1, 4, 10}), {.heads = 2})));
}

}  // namespace
}  // namespace cram::ops
