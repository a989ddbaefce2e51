#include "cram/ops/orthogonalize.h"

#include <cmath>
#include <tuple>
#include <vector>

#include "cram/ops/cpu_kernels.h"

#include "ops/newton_schulz_oracle.h"
#include "ops/support.h"
#include "support/cpu_level.h"

namespace cram::ops {
namespace {

using namespace test;

// Of a result, as a share of what is wanted.
double error(const at::Tensor& got, const at::Tensor& wanted) {
  return (got.to(at::kDouble).sub(wanted).norm() / wanted.norm()).item<double>();
}

double error_of(const at::Tensor& matrix) {
  const at::Tensor x = matrix.to(at::kFloat);
  return error(orthogonalize(x.unsqueeze(0), at::kFloat)[0], newton_schulz_oracle(x));
}

at::Tensor outer(std::int64_t rows, std::int64_t columns) {
  return random({rows, 1}, 31).mm(random({1, columns}, 32));
}

// With a matrix for each thread the kernels of this program do it, with fewer ATen's.
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
        EXPECT_LT(error(result[i], newton_schulz_oracle(batch[i])), 1e-4)
            << sizes[1] << " x " << sizes[2] << " on " << threads << " threads";
      }
    }
  }
  at::set_num_threads(1);
}

// Gradients are like this: a few large singular values, and many that are next to nothing. The five
// steps make those 485 times as large, and with them what fp32 rounds off.
TEST(Orthogonalize, AgreesWithTheDefinitionWhereSingularValuesFallOff) {
  at::set_num_threads(1);
  const at::Tensor left = std::get<0>(at::linalg_qr(random({96, 96}, 21)));
  const at::Tensor right = std::get<0>(at::linalg_qr(random({160, 96}, 22)));
  for (const double last : {1e-3, 1e-6, 1e-9}) {
    const at::Tensor values = at::logspace(0, std::log10(last), 96, 10.0, at::kDouble);
    EXPECT_LT(error_of(left.mul(values).mm(right.t())), 1e-4) << last;
  }
  EXPECT_LT(error_of(random({64, 3}, 23).mm(random({3, 80}, 24))), 1e-4);
  EXPECT_LT(error_of(outer(160, 480) + random({160, 480}, 33, 1e-2)), 1e-4);
  EXPECT_LT(error_of(outer(160, 480)), 2e-3);
  EXPECT_LT(error_of(at::ones({512, 512})), 2e-3);
}

TEST(Orthogonalize, GivesWayToAtensWhereThatIsWanted) {
  if (cpu_level() < CpuLevel::kAvx512) GTEST_SKIP() << "ATen has no block products here";
  at::set_num_threads(1);
  const at::Tensor batch = random({1, 24, 40}, 15).to(at::kFloat);
  const at::Tensor ours = orthogonalize(batch, at::kFloat);
  const cram::test::WithCpuLevel without_ours(CpuLevel::kNone);
  const at::Tensor atens = orthogonalize(batch, at::kFloat);
  EXPECT_FALSE(ours.equal(atens)) << "ours round differently, so these were not ours";
  EXPECT_LT(error(ours, atens.to(at::kDouble)), 1e-5);
}

TEST(Orthogonalize, KeepsNaN) {
  at::Tensor batch = random({1, 12, 20}, 16).to(at::kFloat);
  batch.view(-1)[7] = NAN;
  EXPECT_TRUE(orthogonalize(batch, at::kFloat).isnan().any().item<bool>());
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
  for (const double length : {1e-12, 1e12}) {
    EXPECT_LT(error(orthogonalize(batch.mul(length), at::kFloat), result), 1e-5);
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
