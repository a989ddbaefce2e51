#include "prediction_head.h"

#include "cram/model/activation.h"

namespace cram::model {

using ops::WeightRole;
using recipe::HeadTransform;

PredictionHead::PredictionHead(const recipe::Model& options, const Shape& shape,
                               const ops::WeightPtr& token_table, WeightBuilder& builder)
    : activation_(activation_kind(options.activation)), softcap_(options.logit_softcap) {
  const std::int64_t hidden = options.hidden_size;
  const std::int64_t width = decoder_width(options);
  if (options.head_transform != HeadTransform::kNone) {
    transform_ = builder.matrix("head.transform.weight", WeightRole::kHead, MatrixKind::kInner,
                                width, hidden);
  }
  const bool bert = options.head_transform == HeadTransform::kBert;
  transform_bias_ = builder.bias("head.transform.bias", width, bert);
  if (bert || options.head_transform == HeadTransform::kModernBert) {
    norm_ = builder.norm("head.norm", width);
  }
  decoder_ = options.tie_decoder ? token_table
                                 : builder.matrix("head.decoder.weight", WeightRole::kEmbedding,
                                                  MatrixKind::kTable, shape.vocab_size, width);
  decoder_bias_ = builder.bias("head.decoder.bias", shape.vocab_size, options.decoder_bias);
}

at::Tensor PredictionHead::transform(const at::Tensor& hidden) const {
  if (!transform_) return hidden;
  const at::Tensor mapped = ops::linear(hidden, transform_, transform_bias_);
  return norm_ ? ops::norm(ops::activation(mapped, activation_), *norm_) : mapped;
}

ops::MaskedLoss PredictionHead::loss(const at::Tensor& hidden, const at::Tensor& targets,
                                     double z_loss) const {
  return ops::masked_cross_entropy(transform(hidden), decoder_, decoder_bias_, targets,
                                   {softcap_, z_loss});
}

at::Tensor PredictionHead::logits(const at::Tensor& hidden) const {
  return ops::logits(transform(hidden), decoder_, decoder_bias_, softcap_);
}

}  // namespace cram::model
