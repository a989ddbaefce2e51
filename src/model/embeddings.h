// Token ids to the first hidden states.
#pragma once

#include <optional>

#include "cram/model/encoder_input.h"
#include "cram/model/size.h"
#include "cram/ops/functions.h"

#include "weight_builder.h"

namespace cram::model {

// E is embedding_width().
class Embeddings {
 public:
  Embeddings(const recipe::Model& options, const Shape& shape, WeightBuilder& builder);

  // [B, S, H], normalised where the recipe says so.
  [[nodiscard]] at::Tensor forward(const EncoderInput& input, double dropout) const;

  [[nodiscard]] const ops::WeightPtr& token_table() const { return token_; }

 private:
  // What is added to every sequence: [S, E] or undefined.
  [[nodiscard]] at::Tensor position_term(std::int64_t length) const;

  ops::WeightPtr token_;
  ops::WeightPtr position_;        // learned positions
  ops::WeightPtr position_scale_;  // scaled sinusoidal positions
  ops::WeightPtr segment_;
  at::Tensor table_;         // fixed positions, [S, E] in the compute type
  at::Tensor position_ids_;  // 0, 1, …, S - 1
  std::optional<ops::Norm> norm_;
  ops::WeightPtr projection_, projection_bias_;  // [H, E], [H]; null where E is H
};

}  // namespace cram::model
