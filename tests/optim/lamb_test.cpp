#include <ATen/ops/full.h>
#include <ATen/ops/zeros_like.h>

#include "rule_oracle.h"

namespace cram::optim {
namespace {

// Algorithm 2 of You et al. 2020 for one layer; gains and biases without decay and ratio.
struct LambOracle {
  LambOracle(const recipe::Optimizer& given, const ops::Weight& weight, at::Tensor start)
      : value(std::move(start)),
        first(at::zeros_like(value)),
        second(at::zeros_like(value)),
        options(given),
        adapts(decays(weight)) {}

  void step(const at::Tensor& gradient, double factor) {
    ++t;
    first = first.mul(options.beta1).add(gradient.mul(1 - options.beta1));
    second = second.mul(options.beta2).add(gradient.square().mul(1 - options.beta2));
    const auto unbiased_first = first.div(1 - std::pow(options.beta1, t));
    const auto unbiased_second = second.div(1 - std::pow(options.beta2, t));
    at::Tensor direction = unbiased_first.div(unbiased_second.sqrt().add(options.epsilon));
    double ratio = 1.0;
    if (adapts) {
      direction = direction.add(value.mul(options.weight_decay));
      const double size = value.norm().item<double>(), length = direction.norm().item<double>();
      if (size > 0 && length > 0) ratio = size / length;
    }
    value = value.sub(direction.mul(options.learning_rate * factor * ratio));
  }

  at::Tensor value, first, second;
  recipe::Optimizer options;
  bool adapts;
  int t = 0;
};

recipe::Optimizer lamb_options() {
  return {.type = recipe::OptimizerType::kLamb,
          .learning_rate = 1e-2,
          .beta2 = 0.9,
          .epsilon = 1e-6,
          .weight_decay = 0.3};
}

TEST(Lamb, FollowsItsDefinition) { expect_follows<LambOracle>(lamb_options()); }

TEST(Lamb, MovesEachStackedMatrixByTheRateOfItsOwnNorm) {
  const auto weights = small_model();
  for (const auto& weight : weights) weight->master.narrow(0, 0, 4).mul_(100);
  const auto before = copies(masters(weights));
  const auto optimizer = make_optimizer(lamb_options(), weights);
  fill_gradients(weights, 0);
  (void)optimizer->step({.learning_rate_factor = 0.5});
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!decays(*weights[i])) continue;
    const auto old_parts = before[i].second.chunk(weights[i]->stacked);
    const auto new_parts = weights[i]->master.chunk(weights[i]->stacked);
    for (std::size_t m = 0; m < old_parts.size(); ++m) {
      const double size = old_parts[m].norm().item<double>();
      const double length = new_parts[m].sub(old_parts[m]).norm().item<double>();
      EXPECT_NEAR(length, 0.5 * 1e-2 * size, 1e-4 * size) << weights[i]->name;
    }
  }
}

// Output matrices may start there (model.zero_init_output).
TEST(Lamb, MovesAMatrixOfZerosAsAdamWould) {
  const auto weight =
      ops::make_weight("w", ops::WeightRole::kHiddenMatrix, at::full({4, 4}, 0.0), at::kFloat);
  const auto optimizer = make_optimizer(lamb_options(), {weight});
  weight->grad.fill_(-0.01);
  (void)optimizer->step({});
  EXPECT_TRUE(weight->master.allclose(at::full({4, 4}, 1e-2), 1e-3));
}

}  // namespace
}  // namespace cram::optim
