#include "cram/train/loss_scale.h"

#include <gtest/gtest.h>

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

namespace cram::train {
namespace {

recipe::Precision options() {
  recipe::Precision precision;
  precision.initial_loss_scale = 8;
  precision.loss_scale_growth_interval = 3;
  return precision;
}

TEST(LossScale, IsInactiveOutsideFp16) {
  const LossScale scale(options(), at::kBFloat16, at::kCPU);
  const at::Tensor loss = at::full({}, 2.0);
  EXPECT_TRUE(scale.scaled(loss).is_same(loss));
  EXPECT_FALSE(scale.value().defined());
  EXPECT_TRUE(scale.state().empty());
}

TEST(LossScale, HalvesOnOverflowAndDoublesAfterTheInterval) {
  LossScale scale(options(), at::kHalf, at::kCPU);
  const auto value = [&] { return scale.value().item<float>(); };
  EXPECT_EQ(scale.scaled(at::full({}, 2.0f)).item<float>(), 16);
  scale.update(at::full({}, 1.0f));
  EXPECT_EQ(value(), 4);
  for (int i = 0; i < 2; ++i) scale.update(at::zeros({}));
  EXPECT_EQ(value(), 4);
  scale.update(at::zeros({}));
  EXPECT_EQ(value(), 8);
}

TEST(LossScale, KeepsAllItsStateInTwoTensors) {
  LossScale scale(options(), at::kHalf, at::kCPU);
  scale.update(at::zeros({}));
  scale.update(at::zeros({}));
  LossScale copy(options(), at::kHalf, at::kCPU);
  for (std::size_t i = 0; i < 2; ++i) copy.state()[i].second.copy_(scale.state()[i].second);
  copy.update(at::zeros({}));
  EXPECT_EQ(copy.value().item<float>(), 16);
}

}  // namespace
}  // namespace cram::train
