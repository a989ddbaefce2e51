// The model: embeddings, a stack of encoder layers, and the masked-LM head, built from a recipe.
//
// One class expresses original BERT, crammed BERT and what lies between; which parts exist is
// decided when it is built. Predictions are needed at masked positions only, so everything behind
// the attention of the last layer (its output projection, feed-forward block, final norm and the
// head) runs on those rows alone: exactly the same numbers for a part of the work.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cram/model/encoder_input.h"
#include "cram/model/masked_input.h"
#include "cram/model/placement.h"
#include "cram/model/size.h"
#include "cram/ops/functions.h"
#include "cram/recipe/recipe.h"

namespace cram::model {

// Not thread-safe. All weights are on one device; tensors passed in must be there, too. It outlives
// the graphs of what it returns.
class MaskedLanguageModel {
 public:
  // Initial weights are a pure function of `seed`.
  MaskedLanguageModel(const recipe::Model& options, const Shape& shape, const Placement& placement,
                      std::uint64_t seed);
  ~MaskedLanguageModel();
  MaskedLanguageModel(MaskedLanguageModel&&) noexcept;

  // Mean masked-LM loss of sequences of at most shape.sequence_length tokens. backward() of the
  // loss adds to the weights' gradients. `z_loss` as in ops::LossOptions.
  [[nodiscard]] ops::MaskedLoss loss(const MaskedInput& input, Mode mode, double z_loss = 0) const;
  // Logits [M, V] in fp32 at flat `positions`.
  [[nodiscard]] at::Tensor logits(const at::Tensor& ids, const at::Tensor& positions) const;
  // Final hidden states [B, S, H].
  [[nodiscard]] at::Tensor encode(const at::Tensor& ids, Mode mode) const;

  // In the order: embeddings, layers from first to last, final norm, head.
  [[nodiscard]] const ops::WeightList& weights() const;
  [[nodiscard]] ops::AttentionKernel attention_kernel() const;
  [[nodiscard]] const Placement& placement() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace cram::model
