#include "plain_model.h"

#include <cmath>

#include <ATen/ATen.h>

namespace cram::model::test {

using recipe::Positions;

namespace {

// What to add to scores: 0 near the diagonal, elsewhere so little that nothing is left.
at::Tensor band(std::int64_t length, std::int64_t width) {
  at::Tensor result = at::zeros({length, length}, at::kDouble);
  for (std::int64_t i = 0; i < length; ++i) {
    for (std::int64_t j = 0; j < length; ++j) {
      if (std::abs(i - j) > width) result.index_put_({i, j}, -1e9);
    }
  }
  return result;
}

}  // namespace

PlainModel::PlainModel(const recipe::Model& options, const ops::WeightList& list)
    : options_(options) {
  for (const ops::WeightPtr& entry : list) {
    weights[entry->name] = entry->master.to(at::kDouble).clone().set_requires_grad(true);
  }
}

at::Tensor PlainModel::weight(const std::string& name) const {
  const auto found = weights.find(name);
  return found == weights.end() ? at::Tensor() : found->second;
}

at::Tensor PlainModel::affine(const at::Tensor& x, const std::string& name) const {
  const at::Tensor product = at::matmul(x, weight(name + ".weight").t());
  const at::Tensor bias = weight(name + ".bias");
  return bias.defined() ? product + bias : product;
}

at::Tensor PlainModel::norm(const at::Tensor& x, const std::string& name) const {
  const at::Tensor gain = weight(name + ".gain");
  if (options_.norm == recipe::NormType::kRmsNorm) {
    return x * at::rsqrt(x.square().mean(-1, true) + options_.norm_epsilon) * gain;
  }
  const at::Tensor centred = x - x.mean(-1, true);
  const at::Tensor scaled =
      centred * at::rsqrt(centred.square().mean(-1, true) + options_.norm_epsilon) * gain;
  const at::Tensor bias = weight(name + ".bias");
  return bias.defined() ? scaled + bias : scaled;
}

at::Tensor PlainModel::activation(const at::Tensor& x) const {
  switch (options_.activation) {
    case recipe::Activation::kGelu:
      return 0.5 * x * (1 + at::erf(x / std::sqrt(2.0)));
    case recipe::Activation::kGeluTanh:
      return 0.5 * x * (1 + at::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x.pow(3))));
    case recipe::Activation::kRelu:
      return x.clamp_min(0);
    case recipe::Activation::kReluSquared:
      return x.clamp_min(0).square();
    case recipe::Activation::kSilu:
      return x * at::sigmoid(x);
  }
  return x;
}

at::Tensor PlainModel::embed(const at::Tensor& ids) const {
  const std::int64_t length = ids.size(1);
  at::Tensor x = weight("embeddings.token").index({ids});
  if (options_.positions == Positions::kLearned) {
    x = x + weight("embeddings.position").slice(0, 0, length);
  } else if (options_.positions != Positions::kRotary) {
    at::Tensor table = at::zeros({length, options_.hidden_size}, at::kDouble);
    for (std::int64_t position = 0; position < length; ++position) {
      for (std::int64_t i = 0; i < options_.hidden_size; ++i) {
        const double exponent =
            static_cast<double>(i / 2 * 2) / static_cast<double>(options_.hidden_size);
        const double angle = static_cast<double>(position) / std::pow(10000.0, exponent);
        table.index_put_({position, i}, i % 2 == 0 ? std::sin(angle) : std::cos(angle));
      }
    }
    const at::Tensor scale = weight("embeddings.position_scale");
    x = x + (scale.defined() ? scale.squeeze() * table : table);
  }
  if (options_.segments > 0) x = x + weight("embeddings.segment")[0];
  if (options_.embedding_norm) x = norm(x, "embeddings.norm");
  return weight("embeddings.projection.weight").defined() ? affine(x, "embeddings.projection") : x;
}

at::Tensor PlainModel::attend(const at::Tensor& x, std::int64_t index,
                              at::Tensor& first_values) const {
  const std::string layer = "layers." + std::to_string(index);
  const bool local = options_.local_attention > 0 && index % options_.global_every > 0;
  const std::int64_t head_size = options_.hidden_size / options_.heads;
  const auto parts = affine(x, layer + ".attention.qkv").chunk(3, -1);
  const auto split = [&](const at::Tensor& part) {
    return part.view({x.size(0), x.size(1), options_.heads, head_size}).transpose(1, 2);
  };
  const auto prepare = [&](at::Tensor part) {
    if (options_.qk_norm) part = part * at::rsqrt(part.square().mean(-1, true) + 1e-6);
    if (options_.positions != Positions::kRotary) return part;
    // As complex numbers: dimension i with i + head_size / 2, turned by position * base^(-2i/size).
    const at::Tensor frequency =
        at::pow(local ? options_.local_rotary_base : options_.rotary_base,
                -2 * at::arange(head_size / 2, at::kDouble) / static_cast<double>(head_size));
    const at::Tensor angle = at::outer(at::arange(x.size(1), at::kDouble), frequency);
    const auto halves = part.chunk(2, -1);
    const at::Tensor turned =
        at::complex(halves[0], halves[1]) * at::polar(at::ones_like(angle), angle);
    return at::cat({at::real(turned), at::imag(turned)}, -1);
  };
  const at::Tensor query = prepare(split(parts[0]));
  const at::Tensor key = prepare(split(parts[1]));
  at::Tensor scores =
      at::matmul(query, key.transpose(-1, -2)) / std::sqrt(static_cast<double>(head_size));
  if (local) scores = scores + band(x.size(1), options_.local_attention / 2);
  at::Tensor values = parts[2];
  if (options_.value_residual && index == 0) first_values = values;
  if (options_.value_residual && index > 0) {
    const at::Tensor share = weight(layer + ".attention.value_mix").squeeze();
    values = (1 - share) * values + share * first_values;
  }
  const at::Tensor mixed = at::matmul(at::softmax(scores, -1), split(values));
  return affine(mixed.transpose(1, 2).reshape(x.sizes()), layer + ".attention.output");
}

at::Tensor PlainModel::feed_forward(const at::Tensor& x, const std::string& layer) const {
  const at::Tensor inner = affine(x, layer + ".feed_forward.input");
  if (!options_.gated) return affine(activation(inner), layer + ".feed_forward.output");
  const auto halves = inner.chunk(2, -1);
  return affine(halves[0] * activation(halves[1]), layer + ".feed_forward.output");
}

at::Tensor PlainModel::loss(const at::Tensor& ids, const at::Tensor& positions,
                            const at::Tensor& targets) const {
  const bool pre = options_.norm_position == recipe::NormPosition::kPre;
  const at::Tensor embedded = embed(ids);
  at::Tensor x = embedded, values;
  for (std::int64_t i = 0; i < options_.layers; ++i) {
    const std::string layer = "layers." + std::to_string(i);
    const at::Tensor next_shortcut = weight("layers." + std::to_string(i + 1) + ".input_shortcut");
    const auto leave = [&](const at::Tensor& output) {
      return next_shortcut.defined() ? output + next_shortcut.squeeze() * embedded : output;
    };
    const std::string first = layer + ".attention.norm";
    const std::string second = layer + ".feed_forward.norm";
    if (pre) {
      const bool has_norm = i > 0 || options_.first_attention_norm;
      x = x + attend(has_norm ? norm(x, first) : x, i, values);
      x = x + leave(feed_forward(norm(x, second), layer));
    } else {
      x = norm(x + attend(x, i, values), first);
      x = norm(x + leave(feed_forward(x, layer)), second);
    }
  }
  if (options_.final_norm) x = norm(x, "final_norm");
  if (options_.head_transform != recipe::HeadTransform::kNone) {
    x = affine(x, "head.transform");
    if (options_.head_transform != recipe::HeadTransform::kLinear) {
      x = norm(activation(x), "head.norm");
    }
  }
  const at::Tensor decoder =
      weight(options_.tie_decoder ? "embeddings.token" : "head.decoder.weight");
  at::Tensor logits = at::matmul(x, decoder.t()).flatten(0, 1).index({positions});
  if (options_.decoder_bias) logits = logits + weight("head.decoder.bias");
  if (options_.logit_softcap > 0) {
    logits = options_.logit_softcap * at::tanh(logits / options_.logit_softcap);
  }
  return at::nll_loss(at::log_softmax(logits, -1), targets);
}

}  // namespace cram::model::test
