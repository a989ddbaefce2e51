// Hidden states at masked positions to the loss or the logits.
#pragma once

#include <optional>

#include "cram/model/size.h"
#include "cram/ops/functions.h"
#include "cram/recipe/recipe.h"

#include "weight_builder.h"

namespace cram::model {

class PredictionHead {
 public:
  // `token_table` is the decoder where the recipe ties the two.
  PredictionHead(const recipe::Model& options, const Shape& shape,
                 const ops::WeightPtr& token_table, WeightBuilder& builder);

  // hidden [M, H], targets [M].
  [[nodiscard]] ops::MaskedLoss loss(const at::Tensor& hidden, const at::Tensor& targets,
                                     double z_loss) const;
  // [M, V] in fp32.
  [[nodiscard]] at::Tensor logits(const at::Tensor& hidden) const;

 private:
  [[nodiscard]] at::Tensor transform(const at::Tensor& hidden) const;

  ops::ActivationKind activation_;
  double softcap_;
  ops::WeightPtr transform_, transform_bias_;
  std::optional<ops::Norm> norm_;
  ops::WeightPtr decoder_, decoder_bias_;
};

}  // namespace cram::model
