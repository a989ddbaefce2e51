#include "weight_builder.h"

#include <cmath>
#include <numbers>

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include "cram/base/random.h"

namespace cram::model {
namespace {

using recipe::Init;

// Independent normal values from counter-based random numbers (Box-Muller): the same for any number
// of threads.
void fill_normal(const at::Tensor& tensor, double std, std::uint64_t seed, std::uint64_t number) {
  constexpr std::int64_t kBlock = 4096;
  const std::int64_t size = tensor.numel();
  float* values = tensor.mutable_data_ptr<float>();
  at::parallel_for(0, (size + kBlock - 1) / kBlock, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t block = first; block < last; ++block) {
      Random random(seed, RandomStream::kWeights, number << 32 | static_cast<std::uint64_t>(block));
      const std::int64_t end = std::min(size, (block + 1) * kBlock);
      for (std::int64_t i = block * kBlock; i < end; i += 2) {
        const double radius = std * std::sqrt(-2 * std::log1p(-random.uniform()));
        const double angle = 2 * std::numbers::pi * random.uniform();
        values[i] = static_cast<float>(radius * std::cos(angle));
        if (i + 1 < end) values[i + 1] = static_cast<float>(radius * std::sin(angle));
      }
    }
  });
}

// Standard deviations of the schemes that the reference implementation of the Cramming paper knows:
// normal (BERT), small (Nguyen & Salazar 2019), wang (Wang & Komatsuzaki 2021), megatron.
double plain_std(const recipe::Model& options) {
  const auto hidden = static_cast<double>(options.hidden_size);
  switch (options.init) {
    case Init::kSmall:
      return std::sqrt(2 / (5 * hidden));
    case Init::kWang:
      return 2 / (static_cast<double>(options.layers) * std::sqrt(hidden));
    case Init::kMegatron:
      return std::sqrt(1 / (3 * hidden));
    case Init::kNormal:
    case Init::kDeepNorm:
      break;
  }
  return options.init_std;
}

// DeepNet (Wang et al. 2022): Xavier-normal, damped by (8L)^-1/4 everywhere but in queries and
// keys.
void fill_deep_norm(const at::Tensor& value, MatrixKind kind, const recipe::Model& options,
                    std::uint64_t seed, std::uint64_t number) {
  const int stacked = kind == MatrixKind::kQkv ? 3 : 1;
  const auto rows = static_cast<double>(value.size(0) / stacked);
  const double xavier = std::sqrt(2 / (rows + static_cast<double>(value.size(1))));
  const double damping = std::pow(8.0 * static_cast<double>(options.layers), -0.25);
  fill_normal(value, xavier, seed, number);
  const std::int64_t undamped = kind == MatrixKind::kQkv ? value.size(0) / 3 * 2 : 0;
  value.narrow(0, undamped, value.size(0) - undamped).mul_(damping);
}

}  // namespace

ops::WeightPtr WeightBuilder::matrix(const std::string& name, ops::WeightRole role, MatrixKind kind,
                                     std::int64_t rows, std::int64_t columns) {
  const at::Tensor value = at::empty({rows, columns}, at::kFloat);
  const std::uint64_t number = weights_.size();
  if (kind == MatrixKind::kBlockOutput && options_.zero_init_output) {
    value.zero_();
  } else if (kind == MatrixKind::kTaskHead) {
    fill_normal(value, 0.02, seed_, number);
  } else if (options_.init == Init::kDeepNorm && kind != MatrixKind::kTable) {
    fill_deep_norm(value, kind, options_, seed_, number);
  } else {
    fill_normal(value, plain_std(options_), seed_, number);
  }
  ops::WeightPtr weight = add(name, role, value);
  if (kind == MatrixKind::kQkv) weight->stacked = 3;
  if (role == ops::WeightRole::kHiddenMatrix) {
    weight->fp16_accumulation = placement_.fp16_accumulation;
  }
  return weight;
}

ops::WeightPtr WeightBuilder::bias(const std::string& name, std::int64_t size, bool wanted) {
  return wanted ? add(name, ops::WeightRole::kBias, at::zeros({size}, at::kFloat)) : nullptr;
}

ops::WeightPtr WeightBuilder::scale(const std::string& name, double value) {
  return add(name, ops::WeightRole::kGain, at::full({1, 1}, value, at::kFloat));
}

ops::Norm WeightBuilder::norm(const std::string& name, std::int64_t width) {
  const bool layer_norm = options_.norm == recipe::NormType::kLayerNorm;
  ops::Norm norm;
  norm.kind = layer_norm ? ops::NormKind::kLayerNorm : ops::NormKind::kRmsNorm;
  norm.epsilon = options_.norm_epsilon;
  norm.gain = add(name + ".gain", ops::WeightRole::kGain, at::ones({width}, at::kFloat));
  norm.bias = bias(name + ".bias", width, layer_norm && options_.norm_bias);
  return norm;
}

ops::WeightPtr WeightBuilder::add(const std::string& name, ops::WeightRole role,
                                  const at::Tensor& value) {
  ops::WeightPtr weight =
      ops::make_weight(name, role, value.to(placement_.device), placement_.compute_type);
  weights_.push_back(weight);
  return weight;
}

}  // namespace cram::model
