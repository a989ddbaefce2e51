// A few small weights of every role, made-up gradients, and byte comparison.
#pragma once

#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>

#include "cram/ops/weight.h"
#include "cram/optim/optimizer.h"

namespace cram::optim {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

// Normally distributed numbers that depend on the seed only.
inline at::Tensor normal(std::vector<std::int64_t> sizes, unsigned seed, double deviation = 1.0) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> distribution(0.0, deviation);
  std::int64_t count = 1;
  for (const auto size : sizes) count *= size;
  std::vector<double> values(static_cast<std::size_t>(count));
  for (auto& value : values) value = distribution(generator);
  return at::from_blob(values.data(), sizes, at::kDouble).to(at::kFloat);
}

inline ops::WeightList small_model(at::ScalarType compute_type = at::kFloat) {
  using enum ops::WeightRole;
  ops::WeightList weights = {
      ops::make_weight("embeddings.token", kEmbedding, normal({40, 8}, 1, 0.5), compute_type),
      ops::make_weight("qkv", kHiddenMatrix, normal({24, 8}, 2, 0.5), compute_type),
      ops::make_weight("output", kHiddenMatrix, normal({8, 8}, 3, 0.5), compute_type),
      ops::make_weight("input", kHiddenMatrix, normal({32, 8}, 4, 0.5), compute_type),
      ops::make_weight("down", kHiddenMatrix, normal({8, 16}, 5, 0.5), compute_type),
      ops::make_weight("head", kHead, normal({8, 8}, 6, 0.5), compute_type),
      ops::make_weight("gain", kGain, normal({8}, 7, 0.5), compute_type),
      ops::make_weight("bias", kBias, normal({40}, 8, 0.5), compute_type),
  };
  weights[1]->stacked = 3;
  weights[3]->stacked = 2;
  return weights;
}

// Fills the gradients of update number `update`.
inline void fill_gradients(const ops::WeightList& weights, int update, double scale = 1.0) {
  unsigned seed = 1000U * static_cast<unsigned>(update + 1);
  for (const auto& weight : weights) {
    weight->grad.copy_(normal(weight->grad.sizes().vec(), ++seed, 0.01)).mul_(scale);
  }
}

inline bool same_bytes(const at::Tensor& a, const at::Tensor& b) {
  return a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type() &&
         std::memcmp(a.contiguous().data_ptr(), b.contiguous().data_ptr(), a.nbytes()) == 0;
}

inline double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return a.to(at::kDouble).sub(b.to(at::kDouble)).abs().max().item<double>();
}

inline NamedTensors masters(const ops::WeightList& weights) {
  NamedTensors all;
  for (const auto& weight : weights) all.emplace_back(weight->name, weight->master);
  return all;
}

inline NamedTensors copies(const NamedTensors& tensors) {
  NamedTensors all;
  for (const auto& [name, tensor] : tensors) all.emplace_back(name, tensor.clone());
  return all;
}

}  // namespace cram::optim
