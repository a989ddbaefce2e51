#include "cram/optim/orthogonalize.h"

#include <vector>

#include <gtest/gtest.h>

#include <ATen/ops/linalg_svdvals.h>
#include <ATen/ops/zeros.h>

#include "newton_schulz_oracle.h"
#include "small_model.h"

namespace cram::optim {
namespace {

TEST(Orthogonalize, AgreesWithTheDefinitionInDoublePrecision) {
  for (const auto& sizes : std::vector<std::vector<std::int64_t>>{
           {3, 24, 24}, {2, 16, 48}, {2, 48, 16}, {1, 1, 8}, {1, 8, 1}}) {
    const auto batch = normal(sizes, 11, 1e-4);
    const auto result = orthogonalize(batch, at::kFloat);
    ASSERT_EQ(result.sizes(), batch.sizes());
    for (std::int64_t i = 0; i < sizes[0]; ++i) {
      EXPECT_LT(largest_difference(result[i], newton_schulz_oracle(batch[i])), 1e-4) << sizes[1];
    }
  }
}

TEST(Orthogonalize, BringsAllSingularValuesNearOne) {
  for (const auto type : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const auto result = orthogonalize(normal({2, 96, 32}, 12), type);
    EXPECT_EQ(result.scalar_type(), type);
    const auto singular = at::linalg_svdvals(result.to(at::kFloat));
    EXPECT_GT(singular.min().item<float>(), 0.6F);
    EXPECT_LT(singular.max().item<float>(), 1.3F);
  }
}

TEST(Orthogonalize, DoesNotDependOnTheLengthOfItsInput) {
  const auto batch = normal({1, 12, 20}, 13);
  const auto result = orthogonalize(batch, at::kFloat);
  for (const double length : {1e-12, 1e12}) {
    EXPECT_LT(largest_difference(orthogonalize(batch.mul(length), at::kFloat), result), 1e-4);
  }
}

TEST(Orthogonalize, KeepsZerosZero) {
  const auto result = orthogonalize(at::zeros({2, 5, 7}), at::kBFloat16);
  EXPECT_EQ(result.abs().max().item<float>(), 0.0F);
}

}  // namespace
}  // namespace cram::optim
