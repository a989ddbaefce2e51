// An encoder with a head for a task with labels: a class or a score for a sequence, or a few
// numbers for each token.
//
// Sequence head (Devlin et al. 2019; Geiping & Goldstein 2022, appendix): the pooled hidden states
// -> linear -> tanh -> dropout -> linear. Token head: dropout -> linear.
#pragma once

#include <cstdint>
#include <memory>

#include "cram/model/encoder_input.h"
#include "cram/model/placement.h"
#include "cram/model/size.h"
#include "cram/ops/weight.h"
#include "cram/recipe/recipe.h"

namespace cram::model {

enum class Outputs { kOfSequence, kOfTokens };

struct TaskHead {
  Outputs outputs = Outputs::kOfSequence;
  std::int64_t size = 2;                                   // numbers of an output
  recipe::Pooling pooling = recipe::Pooling::kFirstToken;  // of a sequence's hidden states
  std::int64_t inner_size = 0;                             // of the sequence head; 0: hidden size
  double dropout = 0.1;                                    // before the last layer
  bool operator==(const TaskHead&) const = default;
};

// Not thread-safe. All weights are on one device; tensors passed in must be there, too. It outlives
// the graphs of what it returns.
class TaskModel {
 public:
  // The names of the weights of the head; all others are those of the encoder of a
  // MaskedLanguageModel of the same recipe: "embeddings.…", "layers.…", "final_norm.…".
  static constexpr const char* kHeadPrefix = "task.";

  // Initial weights are a pure function of `seed`; those of the head are N(0, 0.02).
  TaskModel(const recipe::Model& options, const Shape& shape, const TaskHead& head,
            const Placement& placement, std::uint64_t seed);
  ~TaskModel();
  TaskModel(TaskModel&&) noexcept;

  // [B, size] or [B, S, size] in fp32, differentiable: backward() of what is made of them adds to
  // the weights' gradients. Rows of padding hold anything.
  [[nodiscard]] at::Tensor logits(const EncoderInput& input, Mode mode) const;

  // The encoder's in its order, then "task.pooler.weight", "task.pooler.bias" (sequence head),
  // "task.classifier.weight", "task.classifier.bias".
  [[nodiscard]] const ops::WeightList& weights() const;
  [[nodiscard]] const TaskHead& head() const;
  [[nodiscard]] const Placement& placement() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace cram::model
