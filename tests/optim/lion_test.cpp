#include <ATen/ops/zeros_like.h>

#include "rule_oracle.h"

namespace cram::optim {
namespace {

// Algorithm 2 of Chen et al. 2023.
struct LionOracle {
  LionOracle(const recipe::Optimizer& given, const ops::Weight& weight, at::Tensor start)
      : value(std::move(start)),
        momentum(at::zeros_like(value)),
        options(given),
        decay(decays(weight) ? given.weight_decay : 0.0) {}

  void step(const at::Tensor& gradient, double factor) {
    const double beta1 = options.beta1, beta2 = options.beta2;
    const at::Tensor direction = momentum.mul(beta1).add(gradient.mul(1 - beta1)).sign();
    value = value.sub(direction.add(value.mul(decay)).mul(options.learning_rate * factor));
    momentum = momentum.mul(beta2).add(gradient.mul(1 - beta2));
  }

  at::Tensor value, momentum;
  recipe::Optimizer options;
  double decay;
};

TEST(Lion, FollowsItsDefinition) {
  expect_follows<LionOracle>({.type = recipe::OptimizerType::kLion,
                              .learning_rate = 1e-2,
                              .beta1 = 0.9,
                              .beta2 = 0.7,
                              .weight_decay = 0.3});
}

TEST(Lion, MovesEveryElementByItsRate) {
  const recipe::Optimizer options{
      .type = recipe::OptimizerType::kLion, .learning_rate = 0.25, .weight_decay = 0.0};
  const auto weights = small_model();
  const auto before = copies(masters(weights));
  const auto optimizer = make_optimizer(options, weights);
  fill_gradients(weights, 0);
  (void)optimizer->step({});
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto length = weights[i]->master.sub(before[i].second).abs();
    EXPECT_NEAR(length.min().item<double>(), 0.25, 1e-6) << weights[i]->name;
    EXPECT_NEAR(length.max().item<double>(), 0.25, 1e-6) << weights[i]->name;
  }
}

}  // namespace
}  // namespace cram::optim
