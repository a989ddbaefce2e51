#include "encoder_layer.h"

#include "cram/model/activation.h"

namespace cram::model {

using ops::WeightRole;

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

at::Tensor EncoderLayer::attend(const at::Tensor& input, const ops::Attention& attention) const {
  return ops::attention(ops::linear(input, qkv_, qkv_bias_), attention);
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
