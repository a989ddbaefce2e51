#include "cram/train/gpu_kernels.h"

#include <algorithm>
#include <functional>
#include <limits>

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/autograd.h>

#include "cram/base/clock.h"
#include "cram/base/units.h"
#include "cram/model/activation.h"
#include "cram/ops/functions.h"
#include "cram/train/device.h"
#include "cram/train/out_of_memory.h"

namespace cram::train {
namespace {

// Tokens of a trial: those of a GPU's micro-batch, or fewer where its memory is small.
constexpr std::int64_t kMostTokens = 32768, kFewestTokens = 1024;
constexpr int kRounds = 3, kCallsInRound = 5;

using Tensors = std::vector<at::Tensor>;
// Values and gradients of an operation in a type, always of the same input.
using Operation = std::function<Tensors(at::ScalarType)>;

class Bench {
 public:
  Bench(const recipe::Model& model, const model::Shape& shape, const c10::Device& device,
        std::int64_t tokens)
      : model_(model),
        shape_(shape),
        options_(at::TensorOptions(at::kFloat).device(device)),
        tokens_(tokens),
        masked_tokens_(tokens / 4) {}

  [[nodiscard]] Operation operation(ops::GpuKernel kernel) const {
    switch (kernel) {
      case ops::GpuKernel::kActivation:
        return activation();
      case ops::GpuKernel::kNorm:
        return norm();
      case ops::GpuKernel::kLoss:
        return loss();
      case ops::GpuKernel::kPlacing:
        return placing();
    }
    return {};
  }

 private:
  [[nodiscard]] at::Tensor random(at::IntArrayRef sizes, double scale = 1.0) const {
    return at::randn(sizes, options_).mul(scale);
  }

  static at::Tensor leaf(const at::Tensor& x, at::ScalarType type) {
    return x.to(type).detach().clone().set_requires_grad(true);
  }

  // Of {outputs} with respect to x, and what `weights` have gathered.
  static Tensors gradients(const Tensors& outputs, const Tensors& douts, const at::Tensor& x,
                           const ops::WeightList& weights) {
    ops::zero_gradients(weights);
    Tensors result = outputs;
    Tensors typed;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      typed.push_back(douts[i].to(outputs[i].scalar_type()));
    }
    torch::autograd::backward(outputs, typed);
    result.push_back(x.grad());
    for (const ops::WeightPtr& weight : weights) result.push_back(weight->grad);
    return result;
  }

  [[nodiscard]] Operation activation() const {
    const std::int64_t inner = model_.intermediate_size;
    const at::Tensor x = random({tokens_, inner * (model_.gated ? 2 : 1)});
    const at::Tensor dy = random({tokens_, inner});
    return [=, gated = model_.gated,
            kind = model::activation_kind(model_.activation)](at::ScalarType type) {
      const at::Tensor in = leaf(x, type);
      const at::Tensor y = gated ? ops::gated_activation(in, kind) : ops::activation(in, kind);
      return gradients({y}, {dy}, in, {});
    };
  }

  [[nodiscard]] Operation norm() const {
    const std::int64_t width = model_.hidden_size;
    const at::Tensor x = random({tokens_, width}), residual = random({tokens_, width});
    const at::Tensor dsum = random({tokens_, width}), dy = random({tokens_, width});
    const at::Tensor gain = random({width}, 0.1).add(1.0);
    const bool rms = model_.norm == recipe::NormType::kRmsNorm;
    const bool with_bias = model_.norm_bias && !rms;
    return [=, epsilon = model_.norm_epsilon](at::ScalarType type) {
      ops::WeightList weights{ops::make_weight("gain", ops::WeightRole::kGain, gain, type)};
      if (with_bias) {
        weights.push_back(ops::make_weight("bias", ops::WeightRole::kBias, dy[0], type));
      }
      const ops::Norm options{rms ? ops::NormKind::kRmsNorm : ops::NormKind::kLayerNorm, epsilon,
                              weights.front(), with_bias ? weights.back() : nullptr};
      const at::Tensor in = leaf(x, type);
      const auto out = ops::residual_norm(residual.to(type), in, options);
      return gradients({out.sum, out.normed}, {dsum, dy}, in, weights);
    };
  }

  [[nodiscard]] Operation loss() const {
    const std::int64_t width = model_.hidden_size, vocabulary = shape_.vocab_size;
    const at::Tensor hidden = random({masked_tokens_, width});
    const at::Tensor table = random({vocabulary, width}, 0.05);
    const at::Tensor targets = at::randint(vocabulary, {masked_tokens_}, options_.dtype(at::kLong));
    const at::Tensor one = at::ones({}, options_), bias = random({vocabulary}, 0.1);
    return
        [=, softcap = model_.logit_softcap, with_bias = model_.decoder_bias](at::ScalarType type) {
          ops::WeightList weights{
              ops::make_weight("decoder", ops::WeightRole::kEmbedding, table, type)};
          if (with_bias)
            weights.push_back(ops::make_weight("bias", ops::WeightRole::kBias, bias, type));
          const at::Tensor in = leaf(hidden, type);
          const auto result = ops::masked_cross_entropy(
              in, weights.front(), with_bias ? weights.back() : nullptr, targets, softcap);
          Tensors all = gradients({result.loss}, {one}, in, weights);
          all.push_back(result.correct);
          return all;
        };
  }

  [[nodiscard]] Operation placing() const {
    const std::int64_t length = shape_.sequence_length, width = model_.hidden_size;
    const std::int64_t batch = std::max<std::int64_t>(1, tokens_ / length);
    const at::Tensor qkv = random({batch, length, 3 * width});
    const at::Tensor dy = random({batch, length, width});
    ops::Attention attention;
    attention.heads = model_.heads;
    attention.kernel = ops::AttentionKernel::kFused;
    attention.qk_norm = model_.qk_norm;
    if (model_.positions == recipe::Positions::kRotary) {
      const at::Tensor angles = random({length, width / model_.heads / 2});
      attention.rotary_cos = angles.cos();
      attention.rotary_sin = angles.sin();
    }
    return [=](at::ScalarType type) {
      const at::Tensor in = leaf(qkv, type);
      return gradients({ops::attention(in, attention)}, {dy}, in, {});
    };
  }

  const recipe::Model& model_;
  model::Shape shape_;
  at::TensorOptions options_;
  std::int64_t tokens_, masked_tokens_;
};

// Of the tensor that is furthest from what it should be.
double largest_error(const Tensors& values, const Tensors& expected) {
  double most = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const at::Tensor exact = expected[i].to(at::kFloat);
    const double off = (values[i].to(at::kFloat) - exact).norm().item<double>();
    const double error = off / std::max(exact.norm().item<double>(), 1e-12);
    // Not a number is as wrong as can be.
    most = error <= most ? most : error;
    if (error != error) return std::numeric_limits<double>::infinity();
  }
  return most;
}

// Of one call, the best round's mean.
double milliseconds(const Operation& operation, at::ScalarType type) {
  const MonotonicClock clock;
  // Reading a number makes the device finish.
  const auto finish = [](const Tensors& tensors) { (void)tensors.front().sum().item<double>(); };
  finish(operation(type));
  double best = std::numeric_limits<double>::infinity();
  for (int round = 0; round < kRounds; ++round) {
    const Seconds start = clock.now();
    for (int call = 1; call < kCallsInRound; ++call) (void)operation(type);
    finish(operation(type));
    best = std::min(best, 1e3 * (clock.now() - start).count() / kCallsInRound);
  }
  return best;
}

// f(operation) with as many tokens as there is memory for.
template <typename F>
void with_operation(ops::GpuKernel kernel, const recipe::Model& model, const model::Shape& shape,
                    const c10::Device& device, const F& f) {
  for (std::int64_t tokens = kMostTokens;; tokens /= 2) {
    try {
      return f(Bench(model, shape, device, tokens).operation(kernel));
    } catch (const c10::Error& error) {
      if (!is_out_of_memory(error) || tokens <= kFewestTokens) throw;
    }
    forget_memory(device);
  }
}

KernelTrial try_kernel(ops::GpuKernel kernel, const Operation& operation, at::ScalarType type) {
  KernelTrial trial{kernel};
  ops::use_gpu_kernel(kernel, false);
  const Tensors exact = operation(at::kFloat);
  trial.aten_error = largest_error(operation(type), exact);
  trial.aten_milliseconds = milliseconds(operation, type);
  ops::use_gpu_kernel(kernel, true);
  trial.error = largest_error(operation(type), exact);
  trial.milliseconds = milliseconds(operation, type);
  ops::use_gpu_kernel(kernel, trial.right() && trial.faster());
  return trial;
}

void choose_attention(GpuKernelChoice& choice, const Operation& operation, at::ScalarType type) {
  const auto with_cudnn = [&](bool used) {
    at::globalContext().setSDPUseCuDNN(used);
    return milliseconds(operation, type);
  };
  choice.attention_milliseconds = with_cudnn(true);
  choice.attention_without_cudnn_milliseconds = with_cudnn(false);
  at::globalContext().setSDPUseCuDNN(!choice.without_cudnn());
}

}  // namespace

bool KernelTrial::right() const {
  constexpr double kAsExact = 1.5, kRounding = 1e-5;  // the latter of fp32 sums in another order
  return error <= kAsExact * aten_error + kRounding;
}

std::string to_text(const KernelTrial& trial) {
  const std::string kernel = std::string(ops::name(trial.kernel)) + ": ";
  if (!trial.right()) {
    return kernel + "ATen's, ours is wrong here (relative error " + format_short(trial.error) +
           " instead of " + format_short(trial.aten_error) + ")";
  }
  const std::string ratio = format_fixed(trial.aten_milliseconds / trial.milliseconds, 2);
  return kernel + (trial.faster() ? "ours, " : "ATen's, ours is ") + ratio +
         " times as fast as ATen's";
}

std::vector<std::string> GpuKernelChoice::lines() const {
  std::vector<std::string> lines;
  for (const KernelTrial& trial : trials) lines.push_back(to_text(trial));
  if (attention_milliseconds > 0) {
    lines.push_back(
        "attention: ATen's " + std::string(without_cudnn() ? "without cuDNN, " : "choice, ") +
        format_fixed(std::max(attention_milliseconds, attention_without_cudnn_milliseconds) /
                         std::min(attention_milliseconds, attention_without_cudnn_milliseconds),
                     2) +
        (without_cudnn() ? " times as fast as with it" : " times as fast as without cuDNN"));
  }
  return lines;
}

GpuKernelChoice choose_gpu_kernels(const recipe::Device& options, const recipe::Model& model,
                                   const model::Shape& shape, const c10::Device& device,
                                   c10::ScalarType type) {
  for (const ops::GpuKernel kernel : ops::kGpuKernels) ops::use_gpu_kernel(kernel, false);
  if (!device.is_cuda() || options.kernels == recipe::Kernels::kAten) return {};
  GpuKernelChoice choice;
  for (const ops::GpuKernel kernel : ops::kGpuKernels) {
    with_operation(kernel, model, shape, device, [&](const Operation& operation) {
      choice.trials.push_back(try_kernel(kernel, operation, type));
    });
  }
  with_operation(ops::GpuKernel::kPlacing, model, shape, device,
                 [&](const Operation& operation) { choose_attention(choice, operation, type); });
  forget_memory(device);
  return choice;
}

}  // namespace cram::train
