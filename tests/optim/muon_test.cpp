#include <cmath>

#include <gtest/gtest.h>

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros_like.h>

#include "cram/base/error.h"

#include "newton_schulz_oracle.h"
#include "small_model.h"

namespace cram::optim {
namespace {

// One matrix of an update by the definition: momentum, Nesterov, orthogonalisation, decay, step.
struct MuonOracle {
  at::Tensor value, momentum;

  void step(const at::Tensor& gradient, const recipe::Optimizer& options, double factor) {
    const double mu = options.muon_momentum;
    const double rate = options.muon_learning_rate * factor;
    momentum = momentum.mul(mu).add(gradient.mul(1 - mu));
    const auto direction = newton_schulz_oracle(gradient.mul(1 - mu).add(momentum.mul(mu)));
    const auto longest = static_cast<double>(std::max(value.size(0), value.size(1)));
    value = value.mul(1 - rate * options.muon_weight_decay)
                .sub(direction.mul(rate * 0.2 * std::sqrt(longest)));
  }
};

recipe::Optimizer muon_options() {
  return {.type = recipe::OptimizerType::kMuon, .muon_weight_decay = 0.1};
}

TEST(Muon, FollowsItsDefinitionForEachOfTheStackedMatrices) {
  recipe::Optimizer options = muon_options();
  options.clip_norm = 0.0;
  const auto weights = small_model();
  std::vector<std::vector<MuonOracle>> oracles(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i]->role != ops::WeightRole::kHiddenMatrix) continue;
    for (const auto& matrix : weights[i]->master.to(at::kDouble).chunk(weights[i]->stacked)) {
      oracles[i].push_back({matrix, at::zeros_like(matrix)});
    }
  }
  const auto optimizer = make_optimizer(options, weights);
  for (int update = 0; update < 5; ++update) {
    const double factor = 1.0 / (1 + update);
    const double scale = std::pow(4.0, update);  // Differs, for a constant one would cancel out.
    fill_gradients(weights, update, scale);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (oracles[i].empty()) continue;
      const auto gradients = weights[i]->grad.div(scale).to(at::kDouble).chunk(weights[i]->stacked);
      for (std::size_t m = 0; m < oracles[i].size(); ++m) {
        oracles[i][m].step(gradients[m], options, factor);
      }
    }
    (void)optimizer->step({.learning_rate_factor = factor, .gradient_scale = scale});
    for (std::size_t i = 0; i < weights.size(); ++i) {
      std::vector<at::Tensor> expected;
      for (const auto& oracle : oracles[i]) expected.push_back(oracle.value);
      if (expected.empty()) continue;
      EXPECT_LT(largest_difference(weights[i]->master, at::cat(expected)), 2e-5)
          << weights[i]->name << " after update " << update;
    }
  }
}

TEST(Muon, MovesEveryMatrixByAFifthOfItsRatePerElement) {
  // With R singular values near 1 the root mean square of an R x C step is 0.2 times the rate.
  recipe::Optimizer options = muon_options();
  options.muon_weight_decay = 0.0;
  const auto weights = small_model(at::kBFloat16);
  const auto before = copies(masters(weights));
  const auto optimizer = make_optimizer(options, weights);
  fill_gradients(weights, 0);
  (void)optimizer->step({});
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i]->role != ops::WeightRole::kHiddenMatrix) continue;
    const auto step = weights[i]->master.sub(before[i].second);
    const double root_mean_square = std::sqrt(step.square().mean().item<double>());
    EXPECT_NEAR(root_mean_square, 0.2 * options.muon_learning_rate,
                0.05 * options.muon_learning_rate)
        << weights[i]->name;
  }
}

TEST(Muon, LeavesTheOtherWeightsToAdamW) {
  const auto with_muon = small_model(), with_adam = small_model();
  recipe::Optimizer options = muon_options();
  const auto muon = make_optimizer(options, with_muon);
  options.type = recipe::OptimizerType::kAdamW;
  const auto adam = make_optimizer(options, with_adam);
  for (int update = 0; update < 3; ++update) {
    fill_gradients(with_muon, update);
    fill_gradients(with_adam, update);
    (void)muon->step({});
    (void)adam->step({});
  }
  for (std::size_t i = 0; i < with_adam.size(); ++i) {
    const bool hidden = with_adam[i]->role == ops::WeightRole::kHiddenMatrix;
    EXPECT_EQ(same_bytes(with_muon[i]->master, with_adam[i]->master), !hidden)
        << with_adam[i]->name;
  }
}

TEST(Muon, RefusesWhatIsNoStackOfMatrices) {
  using enum ops::WeightRole;
  const auto vector = ops::make_weight("v", kHiddenMatrix, normal({8}, 1), at::kFloat);
  EXPECT_THROW((void)make_optimizer(muon_options(), {vector}), Error);
  const auto uneven = ops::make_weight("u", kHiddenMatrix, normal({8, 4}, 1), at::kFloat);
  uneven->stacked = 3;
  EXPECT_THROW((void)make_optimizer(muon_options(), {uneven}), Error);
}

}  // namespace
}  // namespace cram::optim
