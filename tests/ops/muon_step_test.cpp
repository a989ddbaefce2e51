#include "cram/ops/muon_step.h"

#include "cram/base/error.h"

#include "ops/support.h"

namespace cram::ops {
namespace {

using namespace test;

constexpr at::ScalarType kTypes[] = {at::kFloat, at::kBFloat16};

// More than one part of a thread and a rest that fills no vector.
WeightPtr make(at::ScalarType type) {
  return make_weight("w", WeightRole::kHiddenMatrix, random({333, 151}, 1), type);
}

at::Tensor numbers(std::uint64_t seed) { return random({333, 151}, seed).to(at::kFloat); }

TEST(MuonStep, LooksAheadAndClearsTheGradient) {
  for (const auto type : kTypes) {
    for (const int threads : {1, 3}) {
      at::set_num_threads(threads);
      const WeightPtr weight = make(type);
      const at::Tensor before = weight->master.clone();
      weight->grad.copy_(numbers(2));
      const at::Tensor momentum = numbers(3), direction = at::full({333, 151}, 7.0f);
      const at::Tensor gradient = weight->grad.to(at::kDouble) * 0.25;
      const at::Tensor moved = momentum.to(at::kDouble) * 0.9 + gradient * 0.1;
      ASSERT_TRUE(has_muon_step(*weight));
      muon_direction(*weight, momentum, direction, 0.25, 0.9);
      EXPECT_LT(relative_error(momentum, moved), 1e-6);
      EXPECT_LT(relative_error(direction, gradient * 0.1 + moved * 0.9), 1e-6);
      EXPECT_EQ(weight->grad.abs().max().item<float>(), 0);
      EXPECT_TRUE(at::equal(weight->master, before));
    }
  }
}

TEST(MuonStep, MovesTheMasterAndItsCopy) {
  for (const auto type : kTypes) {
    for (const int threads : {1, 3}) {
      at::set_num_threads(threads);
      const WeightPtr weight = make(type);
      weight->grad.fill_(1);
      const at::Tensor step = numbers(2);
      const at::Tensor moved = weight->master.to(at::kDouble) * 0.75 - step.to(at::kDouble) * 0.5;
      muon_move(*weight, step, 0.75, 0.5);
      EXPECT_LT(relative_error(weight->master, moved), 1e-6);
      EXPECT_TRUE(at::equal(weight->compute.detach(), weight->master.to(type)));
      EXPECT_EQ(weight->grad.min().item<float>(), 1);
    }
  }
}

TEST(MuonStep, RefusesWhatDoesNotFitTheWeight) {
  const WeightPtr weight = make(at::kFloat);
  EXPECT_THROW(muon_move(*weight, at::zeros({333, 150}), 1, 1), Error);
  EXPECT_THROW(muon_move(*weight, at::zeros({333, 151}, at::kDouble), 1, 1), Error);
  EXPECT_THROW(muon_move(*weight, at::zeros({151, 333}).t(), 1, 1), Error);
  const at::Tensor fits = at::zeros({333, 151});
  EXPECT_THROW(muon_direction(*weight, at::zeros({1}), fits, 1, 0.9), Error);
  EXPECT_THROW(muon_direction(*weight, fits, at::zeros({1}), 1, 0.9), Error);
}

TEST(MuonStep, IsOnlyForTypesWithKernels) {
  EXPECT_FALSE(has_muon_step(*make(at::kHalf)));
  EXPECT_FALSE(has_muon_step(*make(at::kDouble)));
}

}  // namespace
}  // namespace cram::ops
