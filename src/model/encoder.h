// The encoder that all models share: embeddings, a stack of layers, and the norms between them.
#pragma once

#include <optional>
#include <vector>

#include "cram/model/encoder_input.h"
#include "cram/model/placement.h"
#include "cram/model/size.h"
#include "cram/ops/functions.h"
#include "cram/recipe/recipe.h"

#include "embeddings.h"
#include "encoder_layer.h"
#include "weight_builder.h"

namespace cram::model {

// Its weights come first in the builder: embeddings, layers from first to last, final norm.
class Encoder {
 public:
  Encoder(const recipe::Model& options, const Shape& shape, WeightBuilder& builder);

  // Hidden states [B, S, H]; or, at flat `positions` [M] of [B*S], [M, H]. Everything behind the
  // attention of the last layer then runs on those rows alone: exactly the same numbers for a part
  // of the work.
  [[nodiscard]] at::Tensor hidden(const EncoderInput& input, const at::Tensor& positions,
                                  Mode mode) const;

  [[nodiscard]] const ops::WeightPtr& token_table() const { return embeddings_.token_table(); }
  [[nodiscard]] ops::AttentionKernel attention_kernel() const { return global_attention_.kernel; }

 private:
  // What runs through the layers: the residual stream, and the input of the next block. In a
  // pre-norm model the input is the stream's norm; in a post-norm model both are the normalised
  // sum.
  struct Stream {
    at::Tensor residual, input;
    at::Tensor values = {};  // with a value residual, those of the first layer
  };

  // What all layers of one pass share.
  struct Pass {
    ops::Attention global, local;
    double dropout;
    at::Tensor embedded;  // for the input shortcuts
  };

  // What was made for the longest sequences, for these.
  [[nodiscard]] static ops::Attention attention_for(const ops::Attention& made,
                                                    const EncoderInput& input, Mode mode);
  [[nodiscard]] bool is_local(std::size_t layer) const;
  [[nodiscard]] bool pre_norm() const;
  [[nodiscard]] Pass begin(const EncoderInput& input, Mode mode) const;
  [[nodiscard]] Stream enter(const at::Tensor& embedded) const;
  // From what enters layer i to what leaves it, at `positions` alone where they are defined.
  [[nodiscard]] Stream layer(std::size_t i, Stream stream, const Pass& pass,
                             const at::Tensor& positions = {}) const;
  // The same, with nothing but what enters kept for the backward pass.
  [[nodiscard]] Stream recomputed_layer(std::size_t i, const Stream& stream,
                                        const Pass& pass) const;
  // The values of the first layer where there is a value residual: `known` ones, or those of `qkv`.
  [[nodiscard]] at::Tensor first_values(const at::Tensor& qkv, const at::Tensor& known) const;
  // What layer i's last block adds to the stream, with the next one's input shortcut.
  [[nodiscard]] at::Tensor leave(std::size_t i, const at::Tensor& output,
                                 const at::Tensor& embedded) const;
  // Adds what dropout leaves of a block's output to the stream; `norm` is the next one in line, or
  // none at the very end.
  [[nodiscard]] Stream advance(const Stream& stream, const at::Tensor& output,
                               const ops::Norm* norm, double dropout) const;
  // The norm that follows the feed-forward block of layer `i`.
  [[nodiscard]] const ops::Norm* norm_after(std::size_t i) const;

  recipe::Model options_;
  Embeddings embeddings_;
  std::vector<EncoderLayer> layers_;
  std::optional<ops::Norm> final_norm_;
  bool recompute_activations_;
  ops::Attention global_attention_, local_attention_;
};

}  // namespace cram::model
