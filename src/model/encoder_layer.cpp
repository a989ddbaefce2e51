#include "encoder_layer.h"

#include "cram/model/activation.h"

namespace cram::model {

using ops::WeightRole;

namespace {

// The first layer's values count as much as a layer's own at first.
constexpr double kFirstValueMix = 0.5;

}  // namespace

EncoderLayer::EncoderLayer(const recipe::Model& options, std::int64_t index, WeightBuilder& builder)
    : gated_(options.gated), activation_(activation_kind(options.activation)) {
  const std::string name = "layers." + std::to_string(index);
  const std::int64_t hidden = options.hidden_size;
  const std::int64_t inner = options.intermediate_size * (gated_ ? 2 : 1);
  const auto matrix = [&](const std::string& part, MatrixKind kind, std::int64_t rows,
                          std::int64_t columns) {
    return builder.matrix(name + part + ".weight", WeightRole::kHiddenMatrix, kind, rows, columns);
  };
  qkv_ = matrix(".attention.qkv", MatrixKind::kQkv, 3 * hidden, hidden);
  qkv_bias_ = builder.bias(name + ".attention.qkv.bias", 3 * hidden, options.attention_bias);
  if (options.value_residual && index > 0) {
    value_mix_ = builder.scale(name + ".attention.value_mix", kFirstValueMix);
  }
  if (options.input_shortcut && index > 0) shortcut_ = builder.scale(name + ".input_shortcut", 0);
  output_ = matrix(".attention.output", MatrixKind::kBlockOutput, hidden, hidden);
  output_bias_ = builder.bias(name + ".attention.output.bias", hidden, options.attention_bias);
  if (index > 0 || options.first_attention_norm) {
    attention_norm_ = builder.norm(name + ".attention.norm");
  }
  inner_ = matrix(".feed_forward.input", MatrixKind::kInner, inner, hidden);
  inner_bias_ = builder.bias(name + ".feed_forward.input.bias", inner, options.feed_forward_bias);
  outer_ =
      matrix(".feed_forward.output", MatrixKind::kBlockOutput, hidden, options.intermediate_size);
  outer_bias_ = builder.bias(name + ".feed_forward.output.bias", hidden, options.feed_forward_bias);
  feed_forward_norm_ = builder.norm(name + ".feed_forward.norm");
}

at::Tensor EncoderLayer::qkv(const at::Tensor& input, const at::Tensor& first_values) const {
  const at::Tensor own = ops::linear(input, qkv_, qkv_bias_);
  return value_mix_ ? ops::mix_values(own, first_values, value_mix_) : own;
}

at::Tensor EncoderLayer::with_shortcut(const at::Tensor& entering,
                                       const at::Tensor& embedded) const {
  return shortcut_ ? ops::add_scaled(entering, embedded, shortcut_) : entering;
}

at::Tensor EncoderLayer::project(const at::Tensor& context) const {
  return ops::linear(context, output_, output_bias_);
}

at::Tensor EncoderLayer::feed_forward(const at::Tensor& input) const {
  const at::Tensor inner = ops::linear(input, inner_, inner_bias_);
  return ops::linear(
      gated_ ? ops::gated_activation(inner, activation_) : ops::activation(inner, activation_),
      outer_, outer_bias_);
}

}  // namespace cram::model
