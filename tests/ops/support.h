// How operations are held against their twins.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "cram/ops/weight.h"

namespace cram::ops::test {

using Tensors = std::vector<at::Tensor>;

inline at::Tensor random(at::IntArrayRef shape, std::uint64_t seed, double scale = 1.0) {
  auto generator = at::detail::createCPUGenerator(seed);
  return at::randn(shape, generator, at::kDouble).mul(scale);
}

// Values of a function of plain tensors and the gradients of all of its inputs, for the scalar
// sum(y * cotangent): {y..., dinputs...}.
using PlainFunction = std::function<Tensors(const Tensors&)>;

inline at::Tensor cotangent(const at::Tensor& y, std::uint64_t seed) {
  return random(y.sizes(), 1000 + seed).to(y.scalar_type());
}

inline Tensors values_and_gradients(const PlainFunction& f, const Tensors& inputs,
                                    at::ScalarType type) {
  Tensors leaves;
  for (const auto& input : inputs) {
    leaves.push_back(input.defined() ? input.to(type).detach().clone().set_requires_grad(true)
                                     : input);
  }
  Tensors results = f(leaves), cotangents;
  for (std::size_t i = 0; i < results.size(); ++i) {
    cotangents.push_back(cotangent(results[i], i));
  }
  torch::autograd::backward({results.begin(), results.end()},
                            {cotangents.begin(), cotangents.end()});
  for (const auto& leaf : leaves) {
    if (leaf.defined()) results.push_back(leaf.grad());
  }
  return results;
}

// The same of a fused operation: the first input is a plain tensor, the others are weights.
using FusedFunction = std::function<Tensors(const Tensors&, const WeightList&)>;

inline Tensors fused_values_and_gradients(const FusedFunction& f, const Tensors& inputs,
                                          const Tensors& weights, at::ScalarType type) {
  WeightList made;
  for (const auto& value : weights) {
    made.push_back(value.defined()
                       ? make_weight("w", WeightRole::kHiddenMatrix, value.to(type), type)
                       : nullptr);
  }
  Tensors results =
      values_and_gradients([&](const Tensors& leaves) { return f(leaves, made); }, inputs, type);
  for (const auto& weight : made) {
    if (!weight) continue;
    EXPECT_FALSE(weight->compute.grad().defined()) << "a weight's gradient belongs in Weight::grad";
    results.push_back(weight->grad);
  }
  return results;
}

// The largest difference as a share of the largest value that is wanted.
inline double relative_error(const at::Tensor& got, const at::Tensor& wanted) {
  EXPECT_EQ(got.sizes(), wanted.sizes());
  const at::Tensor exact = wanted.to(at::kDouble);
  const double size = std::max(exact.abs().max().item<double>(), 1e-30);
  return (got.detach().to(at::kDouble) - exact).abs().max().item<double>() / size;
}

// Holds a fused operation against its twin, which takes inputs and weights as one list: in fp32 to
// 1e-5, in bf16 to twice the error of the twin itself in bf16, and in fp64, where the fused
// operation is plain ATen, to what fp32 gradients of weights allow; on one thread and on several,
// which share the work out differently.
inline void expect_twins(const FusedFunction& fused, const PlainFunction& twin,
                         const Tensors& inputs, const Tensors& weights) {
  Tensors all = inputs;
  all.insert(all.end(), weights.begin(), weights.end());
  const auto check = [&](at::ScalarType type, double fixed, double share_of_plain) {
    // Inputs rounded to the type, so that only the arithmetic differs.
    Tensors rounded;
    for (const auto& x : all) rounded.push_back(x.defined() ? x.to(type).to(at::kDouble) : x);
    const Tensors exact = values_and_gradients(twin, rounded, at::kDouble);
    const Tensors plain = values_and_gradients(twin, rounded, type);
    const auto split = rounded.begin() + static_cast<std::ptrdiff_t>(inputs.size());
    const Tensors got =
        fused_values_and_gradients(fused, {rounded.begin(), split}, {split, rounded.end()}, type);
    ASSERT_EQ(got.size(), exact.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double allowed = fixed + share_of_plain * relative_error(plain[i], exact[i]);
      EXPECT_LE(relative_error(got[i], exact[i]), allowed)
          << "result " << i << " in " << type << " on " << at::get_num_threads() << " threads";
    }
  };
  for (const int threads : {3, 1}) {
    at::set_num_threads(threads);
    check(at::kFloat, 1e-5, 0.0);
    check(at::kBFloat16, 1e-3, 2.0);
    check(at::kDouble, 1e-5, 0.0);
  }
}

// Whether two runs give the same bytes.
inline void expect_repeatable(const std::function<Tensors()>& run) {
  const Tensors first = run(), second = run();
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_TRUE(at::equal(first[i], second[i])) << "result " << i;
  }
}

}  // namespace cram::ops::test
