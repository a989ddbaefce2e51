#include "kernel_bench.h"

#include <algorithm>
#include <limits>

#include <ATen/TensorOperators.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <torch/csrc/autograd/autograd.h>

#include "cram/base/clock.h"
#include "cram/model/activation.h"
#include "cram/ops/functions.h"

namespace cram::train {
namespace {

using Tensors = std::vector<at::Tensor>;

at::TensorOptions options_of(const BenchShape& bench) {
  return at::TensorOptions(at::kFloat).device(bench.device);
}

at::Tensor random(const BenchShape& bench, at::IntArrayRef sizes, double scale = 1.0) {
  return at::randn(sizes, options_of(bench)).mul(scale);
}

at::Tensor leaf(const at::Tensor& x, at::ScalarType type) {
  return x.to(type).detach().clone().set_requires_grad(true);
}

// {outputs, gradient of x, gradients of the weights}.
Tensors backward(Tensors outputs, const Tensors& gradients, at::Tensor x,
                 const ops::WeightList& weights) {
  x.mutable_grad().reset();
  torch::autograd::backward(outputs, gradients);
  outputs.push_back(x.grad());
  for (const ops::WeightPtr& weight : weights) outputs.push_back(weight->grad);
  return outputs;
}

Operation activation(const BenchShape& bench) {
  const recipe::Model& model = bench.model;
  const std::int64_t inner = model.intermediate_size;
  const at::Tensor x = random(bench, {bench.tokens, inner * (model.gated ? 2 : 1)});
  const at::Tensor dy = random(bench, {bench.tokens, inner});
  const auto kind = model::activation_kind(model.activation);
  return [=, gated = model.gated](at::ScalarType type) -> Pass {
    return [=, in = leaf(x, type), grad = dy.to(type)] {
      const at::Tensor y = gated ? ops::gated_activation(in, kind) : ops::activation(in, kind);
      return backward({y}, {grad}, in, {});
    };
  };
}

Operation norm(const BenchShape& bench) {
  const recipe::Model& model = bench.model;
  const std::int64_t width = model.hidden_size;
  const auto rows = [&] { return random(bench, {bench.tokens, width}); };
  const at::Tensor x = rows(), residual = rows(), dsum = rows(), dy = rows();
  const at::Tensor gain = random(bench, {width}, 0.1).add(1.0), bias = random(bench, {width}, 0.1);
  const bool rms = model.norm == recipe::NormType::kRmsNorm;
  const bool with_bias = model.norm_bias && !rms;
  return [=, epsilon = model.norm_epsilon](at::ScalarType type) -> Pass {
    ops::WeightList weights{ops::make_weight("gain", ops::WeightRole::kGain, gain, type)};
    if (with_bias) weights.push_back(ops::make_weight("bias", ops::WeightRole::kBias, bias, type));
    const ops::Norm options{rms ? ops::NormKind::kRmsNorm : ops::NormKind::kLayerNorm, epsilon,
                            weights.front(), with_bias ? weights.back() : nullptr};
    return [=, in = leaf(x, type), before = residual.to(type),
            gradients = Tensors{dsum.to(type), dy.to(type)}] {
      const auto out = ops::residual_norm(before, in, options);
      return backward({out.sum, out.normed}, gradients, in, weights);
    };
  };
}

Operation loss(const BenchShape& bench) {
  const std::int64_t width = model::decoder_width(bench.model);
  const std::int64_t vocabulary = bench.shape.vocab_size;
  const std::int64_t masked = std::max<std::int64_t>(1, bench.tokens / 4);
  const at::Tensor hidden = random(bench, {masked, width});
  const at::Tensor table = random(bench, {vocabulary, width}, 0.05);
  const at::Tensor bias = random(bench, {vocabulary}, 0.1);
  const at::Tensor targets = at::randint(vocabulary, {masked}, options_of(bench).dtype(at::kLong));
  const at::Tensor one = at::ones({}, options_of(bench));
  return [=, loss_options = ops::LossOptions{bench.model.logit_softcap, bench.z_loss},
          with_bias = bench.model.decoder_bias](at::ScalarType type) -> Pass {
    ops::WeightList weights{ops::make_weight("decoder", ops::WeightRole::kEmbedding, table, type)};
    if (with_bias) weights.push_back(ops::make_weight("bias", ops::WeightRole::kBias, bias, type));
    return [=, in = leaf(hidden, type)] {
      // How many are right is left out: near ties go one way or the other.
      const auto result = ops::masked_cross_entropy(
          in, weights.front(), with_bias ? weights.back() : nullptr, targets, loss_options);
      return backward({result.loss}, {one}, in, weights);
    };
  };
}

Operation placing(const BenchShape& bench) {
  const recipe::Model& model = bench.model;
  const std::int64_t length = bench.shape.sequence_length, width = model.hidden_size;
  const std::int64_t batch = std::max<std::int64_t>(1, bench.tokens / length);
  const at::Tensor qkv = random(bench, {batch, length, 3 * width});
  const at::Tensor dy = random(bench, {batch, length, width});
  ops::Attention attention;
  attention.heads = model.heads;
  attention.kernel = ops::AttentionKernel::kFused;
  attention.qk_norm = model.qk_norm;
  if (model.positions == recipe::Positions::kRotary) {
    const at::Tensor angles = random(bench, {length, width / model.heads / 2});
    attention.rotary_cos = angles.cos();
    attention.rotary_sin = angles.sin();
  }
  return [=](at::ScalarType type) -> Pass {
    return [=, in = leaf(qkv, type), grad = dy.to(type)] {
      return backward({ops::attention(in, attention)}, {grad}, in, {});
    };
  };
}

}  // namespace

Operation bench_operation(ops::GpuKernel kernel, const BenchShape& shape) {
  switch (kernel) {
    case ops::GpuKernel::kActivation:
      return activation(shape);
    case ops::GpuKernel::kNorm:
      return norm(shape);
    case ops::GpuKernel::kLoss:
      return loss(shape);
    case ops::GpuKernel::kPlacing:
      return placing(shape);
  }
  return {};
}

double milliseconds(const Pass& pass, int rounds, int calls_in_round) {
  const MonotonicClock clock;
  // Reading a number makes the device finish.
  const auto finish = [](const Tensors& tensors) { (void)tensors.front().sum().item<double>(); };
  finish(pass());
  double best = std::numeric_limits<double>::infinity();
  for (int round = 0; round < rounds; ++round) {
    const Seconds start = clock.now();
    for (int call = 1; call < calls_in_round; ++call) (void)pass();
    finish(pass());
    best = std::min(best, 1e3 * (clock.now() - start).count() / calls_in_round);
  }
  return best;
}

double relative_error(const at::Tensor& value, const at::Tensor& expected) {
  const at::Tensor off = value.to(at::kFloat) - expected.to(at::kFloat);
  const double size = at::linalg_vector_norm(expected.to(at::kFloat)).item<double>();
  return at::linalg_vector_norm(off).item<double>() / std::max(size, 1e-12);
}

}  // namespace cram::train
