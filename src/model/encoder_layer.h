// One layer of the encoder: the weights of an attention block and a feed-forward block.
#pragma once

#include <optional>

#include "cram/ops/functions.h"
#include "cram/recipe/recipe.h"

#include "weight_builder.h"

namespace cram::model {

class EncoderLayer {
 public:
  // Layer `index`, from 0.
  EncoderLayer(const recipe::Model& options, std::int64_t index, WeightBuilder& builder);

  // Queries, keys and values of [B, S, H], fused: [B, S, 3H]; with a value residual, those of the
  // first layer are mixed into the values of the others.
  [[nodiscard]] at::Tensor qkv(const at::Tensor& input, const at::Tensor& first_values) const;
  // With an input shortcut, for all layers but the first: what enters this layer, [B, S, H], before
  // it is added to the residual stream, and so much of the embeddings.
  [[nodiscard]] at::Tensor with_shortcut(const at::Tensor& entering,
                                         const at::Tensor& embedded) const;
  // The output projection; any leading dimensions.
  [[nodiscard]] at::Tensor project(const at::Tensor& context) const;
  // The feed-forward block; any leading dimensions.
  [[nodiscard]] at::Tensor feed_forward(const at::Tensor& input) const;

  // The norms of the two blocks: before them (pre-norm) or after their sum (post-norm). The first
  // layer may lack that of its attention.
  [[nodiscard]] const ops::Norm* attention_norm() const {
    return attention_norm_ ? &*attention_norm_ : nullptr;
  }
  [[nodiscard]] const ops::Norm& feed_forward_norm() const { return feed_forward_norm_; }

 private:
  bool gated_;
  ops::ActivationKind activation_;
  ops::WeightPtr qkv_, qkv_bias_, value_mix_, shortcut_, output_, output_bias_;
  std::optional<ops::Norm> attention_norm_;
  ops::WeightPtr inner_, inner_bias_, outer_, outer_bias_;
  ops::Norm feed_forward_norm_;
};

}  // namespace cram::model
