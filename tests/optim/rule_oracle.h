// Holds an optimizer against the definition of its rule, matrix by matrix and in double precision.
#pragma once

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <ATen/ops/cat.h>

#include "small_model.h"

namespace cram::optim {

inline bool decays(const ops::Weight& weight) {
  return weight.role != ops::WeightRole::kGain && weight.role != ops::WeightRole::kBias;
}

// An Oracle is what the rule makes of one of the stacked matrices, or of one vector:
//   Oracle(const recipe::Optimizer&, const ops::Weight&, at::Tensor value);  `value` in fp64
//   void step(const at::Tensor& gradient, double factor);
//   at::Tensor value;
// Weights for which there is to be none are left out by `has_oracle`.
template <class Oracle, class HasOracle>
void expect_follows(recipe::Optimizer options, double tolerance, const HasOracle& has_oracle) {
  options.clip_norm = 0.0;
  ops::WeightList followed;
  std::vector<std::vector<Oracle>> oracles;
  const auto weights = small_model();
  for (const auto& weight : weights) {
    if (!has_oracle(*weight)) continue;
    followed.push_back(weight);
    oracles.emplace_back();
    for (const auto& matrix : weight->master.to(at::kDouble).chunk(weight->stacked)) {
      oracles.back().emplace_back(options, *weight, matrix);
    }
  }
  const auto optimizer = make_optimizer(options, weights);
  for (int update = 0; update < 6; ++update) {
    const double factor = 1.0 / (1 + update);
    const double scale = std::pow(4.0, update);  // differs, for a constant one might cancel out
    fill_gradients(weights, update, scale);
    for (std::size_t i = 0; i < followed.size(); ++i) {
      const auto gradient = followed[i]->grad.div(scale).to(at::kDouble);
      const auto parts = gradient.chunk(followed[i]->stacked);
      for (std::size_t m = 0; m < parts.size(); ++m) oracles[i][m].step(parts[m], factor);
    }
    (void)optimizer->step({.learning_rate_factor = factor, .gradient_scale = scale});
    for (std::size_t i = 0; i < followed.size(); ++i) {
      std::vector<at::Tensor> expected;
      for (const auto& oracle : oracles[i]) expected.push_back(oracle.value);
      EXPECT_LT(largest_difference(followed[i]->master, at::cat(expected)), tolerance)
          << followed[i]->name << " after update " << update;
    }
  }
}

template <class Oracle>
void expect_follows(const recipe::Optimizer& options, double tolerance = 2e-6) {
  expect_follows<Oracle>(options, tolerance, [](const ops::Weight&) { return true; });
}

}  // namespace cram::optim
