#include <cmath>

#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "cram/base/error.h"

#include "ops/newton_schulz_oracle.h"
#include "rule_oracle.h"
#include "support/cpu_level.h"

namespace cram::optim {
namespace {

// One matrix by the definition: momentum, Nesterov, orthogonalisation, decay, step.
struct MuonOracle {
  MuonOracle(const recipe::Optimizer& given, const ops::Weight& /*weight*/, at::Tensor start)
      : value(std::move(start)), momentum(at::zeros_like(value)), options(given) {}

  void step(const at::Tensor& gradient, double factor) {
    const double rate = options.muon_learning_rate * factor;
    const auto longest = static_cast<double>(std::max(value.size(0), value.size(1)));
    value = value.mul(1 - rate * options.muon_weight_decay)
                .sub(orthogonal(gradient).mul(rate * 0.2 * std::sqrt(longest)));
  }

  at::Tensor orthogonal(const at::Tensor& gradient) {
    const double mu = options.muon_momentum;
    momentum = momentum.mul(mu).add(gradient.mul(1 - mu));
    return ops::test::newton_schulz_oracle(gradient.mul(1 - mu).add(momentum.mul(mu)));
  }

  at::Tensor value, momentum;
  recipe::Optimizer options;
};

// Algorithm 1 of Li et al. 2025.
struct NorMuonOracle : MuonOracle {
  NorMuonOracle(const recipe::Optimizer& given, const ops::Weight& weight, at::Tensor start)
      : MuonOracle(given, weight, std::move(start)),
        neurons(at::zeros({value.size(0), 1}, at::kDouble)) {}

  void step(const at::Tensor& gradient, double factor) {
    const at::Tensor o = orthogonal(gradient);
    const double beta2 = options.muon_beta2, rate = options.muon_learning_rate * factor;
    neurons = neurons.mul(beta2).add(o.square().mean(1, true).mul(1 - beta2));
    const at::Tensor even = o.div(neurons.sqrt().add(1e-8));
    const double length =
        0.2 * rate * std::sqrt(static_cast<double>(o.numel())) / even.norm().item<double>();
    value = value.mul(1 - rate * options.muon_weight_decay).sub(even.mul(length));
  }

  at::Tensor neurons;
};

recipe::Optimizer muon_options() {
  return {.type = recipe::OptimizerType::kMuon, .muon_weight_decay = 0.1};
}

recipe::Optimizer normuon_options() {
  recipe::Optimizer options = muon_options();
  options.type = recipe::OptimizerType::kNorMuon;
  options.muon_beta2 = 0.8;
  return options;
}

bool is_hidden(const ops::Weight& weight) { return weight.role == ops::WeightRole::kHiddenMatrix; }

TEST(Muon, FollowsItsDefinitionForEachOfTheStackedMatrices) {
  expect_follows<MuonOracle>(muon_options(), 2e-5, is_hidden);
}

TEST(NorMuon, FollowsItsDefinitionForEachOfTheStackedMatrices) {
  expect_follows<NorMuonOracle>(normuon_options(), 2e-5, is_hidden);
}

// The path of a GPU, and of types without kernels.
TEST(Muon, FollowsItsDefinitionWithAtensKernels) {
  const test::WithCpuLevel atens(ops::CpuLevel::kNone);
  expect_follows<MuonOracle>(muon_options(), 2e-5, is_hidden);
  expect_follows<NorMuonOracle>(normuon_options(), 2e-5, is_hidden);
}

TEST(NorMuon, GivesEveryRowAnEqualShareOfTheFirstStep) {
  const auto weights = small_model();
  const auto before = copies(masters(weights));
  recipe::Optimizer options = normuon_options();
  options.muon_weight_decay = 0.0;
  const auto optimizer = make_optimizer(options, weights);
  fill_gradients(weights, 0);
  (void)optimizer->step({});
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!is_hidden(*weights[i])) continue;
    const at::Tensor step = weights[i]->master.sub(before[i].second);
    const at::Tensor sizes = step.square().mean(1).sqrt();
    EXPECT_NEAR(sizes.min().item<double>(), 0.2 * options.muon_learning_rate, 1e-6);
    EXPECT_NEAR(sizes.max().item<double>(), 0.2 * options.muon_learning_rate, 1e-6);
  }
}

// A momentum of m halfway through the rise moves as a constant one of m does.
TEST(Muon, WarmsItsMomentumUpWithTheBudget) {
  const auto warming = small_model(), constant = small_model();
  recipe::Optimizer options = muon_options();
  options.muon_momentum = 0.875;
  const auto at_half = make_optimizer(options, constant);
  options.muon_momentum = 1.0;
  options.muon_momentum_start = 0.75;
  options.muon_momentum_warmup = 0.5;
  const auto rising = make_optimizer(options, warming);
  for (int update = 0; update < 3; ++update) {
    fill_gradients(warming, update);
    fill_gradients(constant, update);
    (void)rising->step({.budget_share = 0.25});
    (void)at_half->step({.budget_share = 0.25});
  }
  for (std::size_t i = 0; i < constant.size(); ++i) {
    EXPECT_TRUE(same_bytes(warming[i]->master, constant[i]->master)) << constant[i]->name;
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
