#include "embeddings.h"

#include <algorithm>
#include <cmath>

#include <ATen/ops/arange.h>
#include <ATen/ops/zeros.h>

#include "position_tables.h"

namespace cram::model {

using recipe::Positions;

Embeddings::Embeddings(const recipe::Model& options, const Shape& shape, WeightBuilder& builder) {
  const Placement& placement = builder.placement();
  const std::int64_t width = embedding_width(options);
  const auto table = [&](const std::string& name, std::int64_t rows) {
    return builder.matrix("embeddings." + name, ops::WeightRole::kEmbedding, MatrixKind::kTable,
                          rows, width);
  };
  token_ = table("token", shape.vocab_size);
  const std::int64_t positions = std::max(options.max_positions, shape.sequence_length);
  if (options.positions == Positions::kLearned) {
    position_ = table("position", positions);
    position_ids_ = at::arange(positions, at::TensorOptions(at::kLong).device(placement.device));
  }
  if (options.positions == Positions::kScaledSinusoidal) {
    position_scale_ =
        builder.scale("embeddings.position_scale", 1 / std::sqrt(static_cast<double>(width)));
  }
  if (options.positions == Positions::kSinusoidal || position_scale_) {
    table_ = sinusoidal_table(positions, width).to(placement.device, placement.compute_type);
  }
  if (options.segments > 0) segment_ = table("segment", options.segments);
  if (options.embedding_norm) norm_ = builder.norm("embeddings.norm", width);
  if (width == options.hidden_size) return;
  const std::string projection = "embeddings.projection";
  projection_ = builder.matrix(projection + ".weight", ops::WeightRole::kHead, MatrixKind::kInner,
                               options.hidden_size, width);
  projection_bias_ = builder.bias(projection + ".bias", options.hidden_size, true);
}

at::Tensor Embeddings::position_term(std::int64_t length) const {
  if (position_) return ops::embedding(position_ids_.narrow(0, 0, length), position_);
  if (!table_.defined()) return {};
  const at::Tensor table = table_.narrow(0, 0, length);
  if (!position_scale_) return table;
  // A learned scalar times a table is a linear map of one input feature.
  return ops::linear(table.reshape({-1, 1}), position_scale_).view(table.sizes());
}

at::Tensor Embeddings::forward(const EncoderInput& input, double dropout) const {
  at::Tensor hidden = ops::embedding(input.ids, token_);
  if (const at::Tensor positions = position_term(input.ids.size(1)); positions.defined()) {
    hidden = hidden.add(positions);
  }
  if (segment_) {
    // One row serves all where there is one segment, as in pretraining on packed text.
    const at::Tensor segments =
        input.segments.defined() ? input.segments : at::zeros({1}, input.ids.options());
    hidden = hidden.add(ops::embedding(segments, segment_));
  }
  if (norm_) hidden = ops::norm(hidden, *norm_);
  hidden = ops::dropout(hidden, dropout);
  return projection_ ? ops::linear(hidden, projection_, projection_bias_) : hidden;
}

}  // namespace cram::model
