#include "cram/ops/reference.h"

#include <cmath>
#include <limits>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tanh.h>

namespace cram::ops::reference {
namespace {

// fp32, or fp64 for what is fp64 already.
at::ScalarType wide(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

at::Tensor divide_by_rms(const at::Tensor& x, double epsilon) {
  return x * at::rsqrt((x * x).mean(-1, true) + epsilon);
}

// x [B, heads, S, D].
at::Tensor rotate(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin) {
  const auto halves = x.chunk(2, -1);
  return at::cat({halves[0] * cos - halves[1] * sin, halves[1] * cos + halves[0] * sin}, -1);
}

at::Tensor drop(const at::Tensor& weights, double p, const at::Tensor& kept) {
  if (p == 0) return weights;
  return kept.defined() ? weights * kept / (1 - p) : at::dropout(weights, p, /*train=*/true);
}

}  // namespace

at::Tensor norm(const at::Tensor& x, NormKind kind, double epsilon, const at::Tensor& gain,
                const at::Tensor& bias) {
  if (kind == NormKind::kLayerNorm) return at::layer_norm(x, {x.size(-1)}, gain, bias, epsilon);
  const at::Tensor y = divide_by_rms(x.to(wide(x)), epsilon) * gain.to(wide(x));
  return y.to(x.scalar_type());
}

at::Tensor activation(const at::Tensor& x, ActivationKind kind) {
  switch (kind) {
    case ActivationKind::kGelu:
      return at::gelu(x);
    case ActivationKind::kGeluTanh:
      return at::gelu(x, "tanh");
    case ActivationKind::kRelu:
      return at::relu(x);
    case ActivationKind::kReluSquared:
      return at::relu(x).square();
    case ActivationKind::kSilu:
      return at::silu(x);
  }
  return x;
}

at::Tensor gated_activation(const at::Tensor& x, ActivationKind kind) {
  const auto halves = x.chunk(2, -1);
  return halves[0] * reference::activation(halves[1], kind);
}

HeadTensors split_heads(const at::Tensor& qkv, const Attention& options) {
  const auto head_size = qkv.size(2) / 3 / options.heads;
  // unbind, for its gradient is one concatenation.
  const auto parts = qkv.view({qkv.size(0), qkv.size(1), 3, options.heads, head_size}).unbind(2);
  const auto part = [&](int i) { return parts[i].transpose(1, 2); };
  const auto place = [&](at::Tensor x) {
    if (!options.qk_norm && !options.rotary_cos.defined()) return x;
    x = x.to(wide(qkv));
    if (options.qk_norm) x = divide_by_rms(x, kQkNormEpsilon);
    if (options.rotary_cos.defined()) x = rotate(x, options.rotary_cos, options.rotary_sin);
    return x.to(qkv.scalar_type());
  };
  return {place(part(0)), place(part(1)), part(2)};
}

at::Tensor padding(const at::Tensor& lengths, std::int64_t sequence_length) {
  return at::arange(sequence_length, lengths.options()) >= lengths.unsqueeze(1);
}

at::Tensor visible_pairs(const Attention& options, std::int64_t sequence_length,
                         const at::Device& device) {
  at::Tensor ended, inside;
  if (options.lengths.defined()) ended = padding(options.lengths, sequence_length);
  if (options.window > 0) {
    const at::Tensor places =
        at::arange(sequence_length, at::TensorOptions(at::kLong).device(device));
    inside = places.unsqueeze(0).sub(places.unsqueeze(1)).abs() <= options.window;
  }
  if (const at::Tensor& documents = options.documents; documents.defined()) {
    const at::Tensor same = documents.unsqueeze(1).eq(documents.unsqueeze(2)).unsqueeze(1);
    inside = inside.defined() ? inside.logical_and(same) : same;
  }
  if (!ended.defined()) return inside;
  const at::Tensor keys = ended.logical_not().unsqueeze(1).unsqueeze(1);
  if (!inside.defined()) return keys;
  return keys.logical_and(inside.logical_or(ended.unsqueeze(1).unsqueeze(-1)));
}

at::Tensor attention(const at::Tensor& qkv, const Attention& options, const at::Tensor& kept) {
  const auto batch = qkv.size(0), length = qkv.size(1);
  const auto [queries, keys, values] = split_heads(qkv, options);
  const double scale = 1.0 / std::sqrt(static_cast<double>(queries.size(-1)));
  at::Tensor scores = at::matmul(queries, keys.transpose(-2, -1)) * scale;
  const at::Tensor visible = visible_pairs(options, length, qkv.device());
  if (visible.defined()) {
    scores = scores.masked_fill(visible.logical_not(), -std::numeric_limits<double>::infinity());
  }
  const at::Tensor output = at::matmul(drop(at::softmax(scores, -1), options.dropout, kept), values)
                                .transpose(1, 2)
                                .reshape({batch, length, qkv.size(2) / 3});
  return without_padding(output, options);
}

at::Tensor mix_values(const at::Tensor& qkv, const at::Tensor& first, const at::Tensor& mix) {
  const auto parts = qkv.chunk(3, -1);
  return at::cat({parts[0], parts[1], parts[2] * (1 - mix) + first * mix}, -1);
}

at::Tensor add_scaled(const at::Tensor& entering, const at::Tensor& input,
                      const at::Tensor& scale) {
  return entering + input * scale;
}

at::Tensor without_padding(const at::Tensor& output, const Attention& options) {
  if (!options.lengths.defined()) return output;
  return output.masked_fill(padding(options.lengths, output.size(1)).unsqueeze(-1), 0);
}

at::Tensor logits(const at::Tensor& hidden, const at::Tensor& decoder, const at::Tensor& bias,
                  double softcap) {
  const at::Tensor z = at::linear(hidden, decoder, bias).to(wide(hidden));
  return softcap > 0 ? at::tanh(z / softcap) * softcap : z;
}

at::Tensor masked_cross_entropy(const at::Tensor& hidden, const at::Tensor& decoder,
                                const at::Tensor& bias, const at::Tensor& targets,
                                const LossOptions& options) {
  const at::Tensor z = reference::logits(hidden, decoder, bias, options.softcap);
  const at::Tensor loss = at::cross_entropy_loss(z, targets);
  if (options.z_loss == 0) return loss;
  return loss + at::logsumexp(z, -1).square().mean() * options.z_loss;
}

}  // namespace cram::ops::reference
