#include "cram/model/masked_lm.h"

#include <c10/core/GradMode.h>

#include "embeddings.h"
#include "encoder_layer.h"
#include "position_tables.h"
#include "prediction_head.h"
#include "weight_builder.h"

namespace cram::model {
namespace {

using recipe::NormPosition;
using recipe::Positions;

// What runs through the layers: the residual stream, and the input of the next block. In a pre-norm
// model the input is the stream's norm; in a post-norm model both are the normalised sum.
struct Stream {
  at::Tensor residual, input;
};

}  // namespace

struct MaskedLanguageModel::Parts {
  Parts(const recipe::Model& model, const Shape& shape, const Placement& where, std::uint64_t seed)
      : options(model),
        placement(where),
        builder(options, placement, seed),
        embeddings(options, shape, placement, builder),
        layers(make_layers()),
        final_norm(options.final_norm ? std::optional(builder.norm("final_norm")) : std::nullopt),
        head(options, shape, embeddings.token_table(), builder),
        weights(builder.take_weights()),
        attention(make_attention(shape)) {}

  std::vector<EncoderLayer> make_layers() {
    std::vector<EncoderLayer> made;
    for (std::int64_t i = 0; i < options.layers; ++i) {
      made.emplace_back(options, "layers." + std::to_string(i), builder);
    }
    return made;
  }

  [[nodiscard]] ops::Attention make_attention(const Shape& shape) const {
    ops::Attention made;
    made.heads = options.heads;
    made.qk_norm = options.qk_norm;
    made.dropout = options.attention_dropout;
    made.kernel = ops::choose_attention_kernel(placement.device, placement.compute_type,
                                               shape.sequence_length, made.dropout);
    if (options.positions == Positions::kRotary) {
      const RotaryTable table = rotary_table(
          shape.sequence_length, options.hidden_size / options.heads, options.rotary_base);
      made.rotary_cos = table.cos.to(placement.device);
      made.rotary_sin = table.sin.to(placement.device);
    }
    return made;
  }

  [[nodiscard]] ops::Attention attention_for(std::int64_t length, Mode mode) const {
    ops::Attention used = attention;
    if (mode == Mode::kEvaluation) used.dropout = 0;
    if (used.rotary_cos.defined()) {
      used.rotary_cos = used.rotary_cos.narrow(0, 0, length);
      used.rotary_sin = used.rotary_sin.narrow(0, 0, length);
    }
    return used;
  }

  [[nodiscard]] bool pre_norm() const { return options.norm_position == NormPosition::kPre; }

  // Adds a block's output to the stream; `norm` is the next one in line, or none at the very end.
  [[nodiscard]] Stream advance(const Stream& stream, const at::Tensor& output,
                               const ops::Norm* norm) const {
    if (norm == nullptr) {
      const at::Tensor sum = stream.residual.add(output);
      return {sum, sum};
    }
    const ops::ResidualNorm next = ops::residual_norm(stream.residual, output, *norm);
    return pre_norm() ? Stream{next.sum, next.normed} : Stream{next.normed, next.normed};
  }

  // The norm that follows the feed-forward block of layer `i`.
  [[nodiscard]] const ops::Norm* norm_after(std::size_t i) const {
    if (!pre_norm()) return &layers[i].feed_forward_norm();
    if (i + 1 < layers.size()) return &layers[i + 1].attention_norm();
    return final_norm ? &*final_norm : nullptr;
  }

  // Hidden states [B, S, H] or, at flat `positions`, [M, H].
  [[nodiscard]] at::Tensor hidden(const at::Tensor& ids, const at::Tensor& positions,
                                  Mode mode) const {
    const double dropout = mode == Mode::kTraining ? options.dropout : 0;
    const ops::Attention used = attention_for(ids.size(1), mode);
    const at::Tensor embedded = embeddings.forward(ids, dropout);
    Stream stream{embedded,
                  pre_norm() ? ops::norm(embedded, layers.front().attention_norm()) : embedded};
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const EncoderLayer& layer = layers[i];
      at::Tensor context = layer.attend(stream.input, used);
      if (positions.defined() && i + 1 == layers.size()) {
        context = ops::gather_rows(context.flatten(0, 1), positions);
        stream.residual = ops::gather_rows(stream.residual.flatten(0, 1), positions);
      }
      const ops::Norm& inner_norm = pre_norm() ? layer.feed_forward_norm() : layer.attention_norm();
      stream = advance(stream, ops::dropout(layer.project(context), dropout), &inner_norm);
      stream =
          advance(stream, ops::dropout(layer.feed_forward(stream.input), dropout), norm_after(i));
    }
    if (!pre_norm() && final_norm) return ops::norm(stream.input, *final_norm);
    return stream.input;
  }

  recipe::Model options;
  Placement placement;
  WeightBuilder builder;
  Embeddings embeddings;
  std::vector<EncoderLayer> layers;
  std::optional<ops::Norm> final_norm;
  PredictionHead head;
  ops::WeightList weights;
  ops::Attention attention;
};

MaskedLanguageModel::MaskedLanguageModel(const recipe::Model& options, const Shape& shape,
                                         const Placement& placement, std::uint64_t seed)
    : parts_(std::make_unique<Parts>(options, shape, placement, seed)) {}

MaskedLanguageModel::~MaskedLanguageModel() = default;
MaskedLanguageModel::MaskedLanguageModel(MaskedLanguageModel&&) noexcept = default;

ops::MaskedLoss MaskedLanguageModel::loss(const at::Tensor& ids, const at::Tensor& positions,
                                          const at::Tensor& targets, Mode mode) const {
  return parts_->head.loss(parts_->hidden(ids, positions, mode), targets);
}

at::Tensor MaskedLanguageModel::logits(const at::Tensor& ids, const at::Tensor& positions) const {
  const c10::NoGradGuard no_gradients;
  return parts_->head.logits(parts_->hidden(ids, positions, Mode::kEvaluation));
}

at::Tensor MaskedLanguageModel::encode(const at::Tensor& ids, Mode mode) const {
  return parts_->hidden(ids, {}, mode);
}

const ops::WeightList& MaskedLanguageModel::weights() const { return parts_->weights; }

ops::AttentionKernel MaskedLanguageModel::attention_kernel() const {
  return parts_->attention.kernel;
}

const Placement& MaskedLanguageModel::placement() const { return parts_->placement; }

}  // namespace cram::model
