#include "cram/ops/cpu_kernels.h"

#include <gtest/gtest.h>

#include "cram/ops/functions.h"
#include "cram/ops/reference.h"

#include "ops/support.h"
#include "support/cpu_level.h"

namespace cram::ops {
namespace {

TEST(CpuKernels, GiveWayToAtensWhereThoseAreWanted) {
  const at::Tensor x = at::randn({5, 64});
  const at::Tensor atens = reference::gated_activation(x, ActivationKind::kGelu);
  const cram::test::WithCpuLevel without_ours(CpuLevel::kNone);
  EXPECT_TRUE(gated_activation(x, ActivationKind::kGelu).equal(atens));
  use_cpu_level(CpuLevel::kBaseline);
  const at::Tensor ours = gated_activation(x, ActivationKind::kGelu);
  EXPECT_FALSE(ours.equal(atens)) << "ours round differently, so these were not ours";
  EXPECT_TRUE(ours.allclose(atens, 1e-5, 1e-6));
}

TEST(CpuKernels, OfTheHighestLevelAreInUseFromTheStart) {
  EXPECT_TRUE(available(best_cpu_level()));
  EXPECT_TRUE(available(CpuLevel::kBaseline));
  for (const CpuLevel level : kCpuLevels) {
    EXPECT_EQ(available(level), level <= best_cpu_level()) << name(level);
  }
}

}  // namespace
}  // namespace cram::ops
