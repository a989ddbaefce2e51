#include <cmath>

#include "cram/ops/dropout_mask.h"
#include "cram/ops/functions.h"

#include "ops/support.h"

namespace cram::ops {
namespace {

using namespace test;

Tensors drop(const at::Tensor& x, double p) {
  at::manual_seed(3);
  return {dropout(x, p)};
}

TEST(Dropout, OfZeroIsTheTensorItself) {
  const at::Tensor x = at::ones({3});
  EXPECT_TRUE(dropout(x, 0).is_same(x));
}

TEST(Dropout, AgreesWithItsTwin) {
  for (const double p : {0.1, 0.5, 0.9}) {
    for (const auto& shape : {std::vector<std::int64_t>{3, 5, 33}, {64, 256}, {1}, {}}) {
      const at::Tensor x = random(shape, 1);
      const std::int64_t width = x.dim() == 0 ? 1 : x.size(-1);
      expect_twins([&](const Tensors& in, const WeightList&) { return drop(in[0], p); },
                   [&](const Tensors& in) {
                     at::manual_seed(3);
                     const at::Tensor kept =
                         kept_elements(draw_dropout_mask(p), x.numel() / width, width);
                     return Tensors{in[0] * kept.view(in[0].sizes()) / (1 - p)};
                   },
                   {x}, {});
    }
  }
}

TEST(Dropout, RepeatsWithTheSeedAndDiffersFromCallToCall) {
  const at::Tensor x = at::ones({100, 100});
  for (const auto type : {at::kFloat, at::kBFloat16, at::kDouble, at::kHalf}) {
    const at::Tensor typed = x.to(type);
    expect_repeatable([&] { return drop(typed, 0.25); });
    EXPECT_FALSE(at::equal(dropout(typed, 0.25), dropout(typed, 0.25)));
  }
}

TEST(Dropout, IsTheSameOnAnyNumberOfThreads) {
  const at::Tensor x = random({999, 77}, 1).to(at::kFloat);
  at::set_num_threads(1);
  const at::Tensor one = drop(x, 0.1)[0];
  at::set_num_threads(3);
  EXPECT_TRUE(at::equal(one, drop(x, 0.1)[0]));
}

TEST(Dropout, TakesInputsWithoutElements) {
  for (const auto type : {at::kFloat, at::kDouble}) {
    EXPECT_EQ(dropout(at::zeros({2, 0}, type), 0.5).sizes(), at::IntArrayRef({2, 0}));
    EXPECT_EQ(dropout(at::zeros({0, 2}, type), 0.5).sizes(), at::IntArrayRef({0, 2}));
  }
}

TEST(Dropout, TakesInputsThatAreNotContiguous) {
  const at::Tensor x = random({20, 30}, 1).to(at::kFloat).t();
  EXPECT_TRUE(at::equal(drop(x, 0.5)[0], drop(x.contiguous(), 0.5)[0]));
}

TEST(Dropout, RefusesAShareOfOneOrMore) {
  EXPECT_ANY_THROW(static_cast<void>(dropout(at::zeros({2}), 1.0)));
  EXPECT_ANY_THROW(static_cast<void>(dropout(at::zeros({2}), -0.1)));
}

// Elements as numbers of mean 0 and variance 1 where they are independent and kept with 1 - p.
at::Tensor standardised(const at::Tensor& kept, double p) {
  return (kept.to(at::kDouble) - (1 - p)) / std::sqrt(p * (1 - p));
}

// How many standard deviations the sum of independent ones is from 0.
double surprise(const at::Tensor& x) {
  return std::abs(x.sum().item<double>()) / std::sqrt(static_cast<double>(x.numel()));
}

class DropoutMaskTest : public testing::TestWithParam<double> {
 protected:
  // [4, 12, 64, 64]
  const at::Tensor weights_ =
      standardised(kept_weights({.seed = 9, .p = GetParam()}, {4, 12, 64}), GetParam());
};

TEST_P(DropoutMaskTest, KeepsItsShare) { EXPECT_LT(surprise(weights_), 4.5); }

TEST_P(DropoutMaskTest, HasNeighboursThatKnowNothingOfEachOther) {
  for (const std::int64_t dimension : {0, 1, 2, 3}) {
    for (const std::int64_t step : {1, 2, 3, 4, 8, 16, 32}) {
      const auto rest = weights_.size(dimension) - step;
      if (rest <= 0) continue;
      const at::Tensor products =
          weights_.narrow(dimension, 0, rest) * weights_.narrow(dimension, step, rest);
      EXPECT_LT(surprise(products), 4.5) << "dimension " << dimension << ", step " << step;
    }
  }
}

TEST_P(DropoutMaskTest, HasColumnsThatKnowNothingOfEachOther) {
  const at::Tensor rows = weights_.flatten(0, 2);
  const at::Tensor pairs =
      at::mm(rows.t(), rows).triu(1) / std::sqrt(static_cast<double>(rows.size(0)));
  EXPECT_LT(pairs.abs().max().item<double>(), 5.5);
  EXPECT_NEAR(pairs.square().sum().item<double>() / (64 * 63 / 2), 1.0, 0.15);
}

TEST_P(DropoutMaskTest, HasRowsAndColumnsThatDropAsOftenAsChanceDoes) {
  for (const std::int64_t dimension : {2, 3}) {
    const at::Tensor sums = weights_.sum(dimension) / 8;  // of 64 elements
    EXPECT_NEAR(sums.square().mean().item<double>(), 1.0, 0.12);
  }
}

TEST_P(DropoutMaskTest, KnowsNothingOfTheMaskOfTheNextSeed) {
  const at::Tensor next =
      standardised(kept_weights({.seed = 10, .p = GetParam()}, {4, 12, 64}), GetParam());
  EXPECT_LT(surprise(weights_ * next), 4.5);
}

INSTANTIATE_TEST_SUITE_P(Shares, DropoutMaskTest, testing::Values(0.1, 0.5));

TEST(DropoutMask, OfAttentionIsTheSameWhateverThePadding) {
  const DropoutMask mask{.seed = 4, .p = 0.3};
  const at::Tensor narrow = kept_weights(mask, {2, 3, 20}), wide = kept_weights(mask, {2, 3, 50});
  EXPECT_TRUE(at::equal(narrow, wide.slice(2, 0, 20).slice(3, 0, 20)));
}

TEST(DropoutMask, OfZeroKeepsAllAndLeavesTheGeneratorAlone) {
  at::manual_seed(8);
  const at::Tensor wanted = at::rand({1});
  at::manual_seed(8);
  EXPECT_TRUE(kept_elements(draw_dropout_mask(0), 4, 5).all().item<bool>());
  EXPECT_TRUE(at::equal(at::rand({1}), wanted));
}

}  // namespace
}  // namespace cram::ops
