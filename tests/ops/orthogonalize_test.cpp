#include "cram/ops/orthogonalize.h"

#include <vector>

#include "ops/newton_schulz_oracle.h"
#include "ops/support.h"

namespace cram::ops {
namespace {

using namespace test;

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return a.to(at::kDouble).sub(b).abs().max().item<double>();
}

// On one thread a matrix may be worked on as a whole, on more than there are matrices never.
TEST(Orthogonalize, AgreesWithTheDefinitionInDoublePrecision) {
  for (const int threads : {1, 2, 5}) {
    at::set_num_threads(threads);
    for (const auto& sizes : std::vector<std::vector<std::int64_t>>{{3, 24, 24},
                                                                    {2, 16, 48},
                                                                    {2, 48, 16},
                                                                    {1, 1, 8},
                                                                    {1, 8, 1},
                                                                    {4, 33, 17},
                                                                    {2, 65, 130},
                                                                    {2, 256, 256},
                                                                    {1, 512, 192}}) {
      const at::Tensor batch = random(sizes, 11, 1e-4).to(at::kFloat);
      const at::Tensor result = orthogonalize(batch, at::kFloat);
      ASSERT_EQ(result.sizes(), batch.sizes());
      for (std::int64_t i = 0; i < sizes[0]; ++i) {
        EXPECT_LT(largest_difference(result[i], newton_schulz_oracle(batch[i])), 1e-4)
            << sizes[1] << " x " << sizes[2] << " on " << threads << " threads";
      }
    }
  }
  at::set_num_threads(1);
}

// Gradients are like this: a few large singular values, and many that are next to nothing. What is
// a thousandth of the largest becomes 485 times as large, and with it what fp32 rounded off X X^T.
TEST(Orthogonalize, AgreesWithTheDefinitionWhereSingularValuesFallOff) {
  const at::Tensor left = std::get<0>(at::linalg_qr(random({96, 96}, 21)));
  const at::Tensor right = std::get<0>(at::linalg_qr(random({160, 96}, 22)));
  for (const double last : {1e-3, 1e-6, 1e-9}) {
    const at::Tensor values = at::logspace(0, std::log10(last), 96, 10.0, at::kDouble);
    const at::Tensor matrix = left.mul(values).mm(right.t()).to(at::kFloat);
    const at::Tensor result = orthogonalize(matrix.unsqueeze(0), at::kFloat)[0];
    EXPECT_LT(largest_difference(result, newton_schulz_oracle(matrix)), 1e-3) << last;
  }
}

TEST(Orthogonalize, AgreesWithTheDefinitionOnMatricesOfLowRank) {
  const at::Tensor matrix = random({64, 3}, 23).mm(random({3, 80}, 24)).to(at::kFloat);
  const at::Tensor result = orthogonalize(matrix.unsqueeze(0), at::kFloat)[0];
  EXPECT_LT(largest_difference(result, newton_schulz_oracle(matrix)), 1e-4);
}

TEST(Orthogonalize, BringsAllSingularValuesNearOne) {
  for (const auto type : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const at::Tensor result = orthogonalize(random({2, 96, 32}, 12).to(at::kFloat), type);
    EXPECT_EQ(result.scalar_type(), type);
    const at::Tensor singular = at::linalg_svdvals(result.to(at::kFloat));
    EXPECT_GT(singular.min().item<float>(), 0.6F);
    EXPECT_LT(singular.max().item<float>(), 1.3F);
  }
}

TEST(Orthogonalize, DoesNotDependOnTheLengthOfItsInput) {
  const at::Tensor batch = random({1, 12, 20}, 13).to(at::kFloat);
  const at::Tensor result = orthogonalize(batch, at::kFloat).to(at::kDouble);
  for (const double length : {1e-18, 1e-12, 1e12}) {
    EXPECT_LT(largest_difference(orthogonalize(batch.mul(length), at::kFloat), result), 1e-4);
  }
}

TEST(Orthogonalize, KeepsZerosZero) {
  for (const auto type : {at::kFloat, at::kBFloat16}) {
    const at::Tensor result = orthogonalize(at::zeros({2, 5, 7}), type);
    EXPECT_EQ(result.abs().max().item<float>(), 0.0F);
  }
}

TEST(Orthogonalize, TakesBatchesThatAreNotContiguous) {
  const at::Tensor batch = random({3, 20, 12}, 14).to(at::kFloat);
  EXPECT_TRUE(at::equal(orthogonalize(batch.transpose(1, 2), at::kFloat),
                        orthogonalize(batch.transpose(1, 2).contiguous(), at::kFloat)));
}

}  // namespace
}  // namespace cram::ops
