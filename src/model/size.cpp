#include "cram/model/size.h"

namespace cram::model {
namespace {

using recipe::HeadTransform;
using recipe::NormPosition;
using recipe::NormType;
using recipe::Positions;

std::int64_t norm_parameters(const recipe::Model& model, std::int64_t width) {
  const bool bias = model.norm == NormType::kLayerNorm && model.norm_bias;
  return width * (bias ? 2 : 1);
}

std::int64_t norm_parameters(const recipe::Model& model) {
  return norm_parameters(model, model.hidden_size);
}

bool is_projected(const recipe::Model& model) {
  return embedding_width(model) != model.hidden_size;
}

std::int64_t position_parameters(const recipe::Model& model, const Shape& shape) {
  if (model.positions == Positions::kScaledSinusoidal) return 1;
  if (model.positions != Positions::kLearned) return 0;
  return (model.max_positions > 0 ? model.max_positions : shape.sequence_length) *
         embedding_width(model);
}

// Weights of the four kinds of matrices in one layer.
struct LayerMatrices {
  std::int64_t qkv, attention_output, feed_forward_input, feed_forward_output;
};

LayerMatrices layer_matrices(const recipe::Model& model) {
  const std::int64_t hidden = model.hidden_size;
  const std::int64_t inner = model.intermediate_size;
  return {3 * hidden * hidden, hidden * hidden, hidden * inner * (model.gated ? 2 : 1),
          hidden * inner};
}

std::int64_t layer_parameters(const recipe::Model& model) {
  const LayerMatrices matrices = layer_matrices(model);
  std::int64_t count = matrices.qkv + matrices.attention_output + matrices.feed_forward_input +
                       matrices.feed_forward_output + 2 * norm_parameters(model);
  if (model.attention_bias) count += 4 * model.hidden_size;
  if (model.feed_forward_bias) {
    count += model.intermediate_size * (model.gated ? 2 : 1) + model.hidden_size;
  }
  return count;
}

std::int64_t head_parameters(const recipe::Model& model, const Shape& shape) {
  const std::int64_t width = decoder_width(model);
  std::int64_t count = 0;
  if (model.head_transform != HeadTransform::kNone) count += model.hidden_size * width;
  if (model.head_transform == HeadTransform::kBert) count += width;
  if (model.head_transform == HeadTransform::kBert ||
      model.head_transform == HeadTransform::kModernBert) {
    count += norm_parameters(model, width);
  }
  if (!model.tie_decoder) count += shape.vocab_size * width;
  if (model.decoder_bias) count += shape.vocab_size;
  return count;
}

}  // namespace

std::int64_t embedding_width(const recipe::Model& model) {
  return model.embedding_size > 0 ? model.embedding_size : model.hidden_size;
}

std::int64_t decoder_width(const recipe::Model& model) {
  return model.head_transform == HeadTransform::kNone ? model.hidden_size : embedding_width(model);
}

ParameterCount count_parameters(const recipe::Model& model, const Shape& shape) {
  ParameterCount count;
  const std::int64_t width = embedding_width(model);
  count.embedding = (shape.vocab_size + model.segments) * width + position_parameters(model, shape);
  count.total =
      count.embedding + model.layers * layer_parameters(model) + head_parameters(model, shape);
  if (model.embedding_norm) count.total += norm_parameters(model, width);
  if (model.value_residual) count.total += model.layers - 1;
  if (model.input_shortcut) count.total += model.layers - 1;
  if (is_projected(model)) count.total += (width + 1) * model.hidden_size;
  const bool first_norm = model.norm_position == NormPosition::kPost || model.first_attention_norm;
  if (!first_norm) count.total -= norm_parameters(model);
  if (model.final_norm) count.total += norm_parameters(model);
  return count;
}

double training_flops_per_token(const recipe::Model& model, const Shape& shape,
                                double masking_rate) {
  const LayerMatrices matrices = layer_matrices(model);
  const auto behind_attention = static_cast<double>(
      matrices.attention_output + matrices.feed_forward_input + matrices.feed_forward_output);
  const auto layers = static_cast<double>(model.layers);
  const auto hidden = static_cast<double>(model.hidden_size);
  const auto width = static_cast<double>(decoder_width(model));
  double weights = layers * static_cast<double>(matrices.qkv) +
                   (layers - 1 + masking_rate) * behind_attention +
                   masking_rate * width * static_cast<double>(shape.vocab_size);
  if (model.head_transform != HeadTransform::kNone) weights += masking_rate * hidden * width;
  if (is_projected(model)) weights += static_cast<double>(embedding_width(model)) * hidden;
  const double attention = 2 * layers * hidden * static_cast<double>(shape.sequence_length);
  return 6 * (weights + attention);
}

}  // namespace cram::model
