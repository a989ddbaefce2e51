#include <ATen/ops/zeros_like.h>

#include "rule_oracle.h"

namespace cram::optim {
namespace {

// As torch.optim.SGD writes it down.
struct SgdOracle {
  SgdOracle(const recipe::Optimizer& given, const ops::Weight& weight, at::Tensor start)
      : value(std::move(start)),
        velocity(at::zeros_like(value)),
        options(given),
        decay(decays(weight) ? given.weight_decay : 0.0) {}

  void step(const at::Tensor& gradient, double factor) {
    velocity = velocity.mul(options.momentum).add(gradient).add(value.mul(decay));
    value = value.sub(velocity.mul(options.learning_rate * factor));
  }

  at::Tensor value, velocity;
  recipe::Optimizer options;
  double decay;
};

TEST(Sgd, FollowsItsDefinition) {
  recipe::Optimizer options{.type = recipe::OptimizerType::kSgd, .learning_rate = 1.0};
  options.weight_decay = 0.1;
  options.momentum = 0.8;
  expect_follows<SgdOracle>(options);
}

TEST(Sgd, FollowsTheGradientAloneWithoutMomentum) {
  recipe::Optimizer options{.type = recipe::OptimizerType::kSgd, .learning_rate = 1.0};
  options.weight_decay = options.momentum = options.clip_norm = 0.0;
  const auto weights = small_model();
  const auto optimizer = make_optimizer(options, weights);
  for (int update = 0; update < 3; ++update) {
    const auto before = copies(masters(weights));
    fill_gradients(weights, update);
    std::vector<at::Tensor> expected;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      expected.push_back(before[i].second.sub(weights[i]->grad, 0.5));
    }
    (void)optimizer->step({.learning_rate_factor = 0.5});
    for (std::size_t i = 0; i < weights.size(); ++i) {
      EXPECT_LT(largest_difference(weights[i]->master, expected[i]), 1e-6) << weights[i]->name;
    }
  }
}

}  // namespace
}  // namespace cram::optim
