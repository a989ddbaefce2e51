#include "cram/model/task_model.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/tanh.h>

#include "encoder.h"
#include "weight_builder.h"

namespace cram::model {
namespace {

using ops::WeightRole;

// What follows the encoder. Its few numbers are computed in fp32: a score of 4.87 would not
// survive eight bits.
class Head {
 public:
  Head(const TaskHead& options, std::int64_t hidden, WeightBuilder& builder) {
    builder.use_full_precision();
    std::int64_t features = hidden;
    if (options.outputs == Outputs::kOfSequence) {
      features = options.inner_size > 0 ? options.inner_size : hidden;
      pooler_ = matrix(builder, "pooler", features, hidden);
      pooler_bias_ = builder.bias("task.pooler.bias", features, true);
    }
    classifier_ = matrix(builder, "classifier", options.size, features);
    classifier_bias_ = builder.bias("task.classifier.bias", options.size, true);
  }

  // [..., H] -> [..., size]
  [[nodiscard]] at::Tensor forward(const at::Tensor& hidden, double dropout) const {
    at::Tensor features = hidden.to(at::kFloat);
    if (pooler_) features = at::tanh(ops::linear(features, pooler_, pooler_bias_));
    return ops::linear(ops::dropout(features, dropout), classifier_, classifier_bias_);
  }

 private:
  static ops::WeightPtr matrix(WeightBuilder& builder, const std::string& part, std::int64_t rows,
                               std::int64_t columns) {
    return builder.matrix(TaskModel::kHeadPrefix + part + ".weight", WeightRole::kHead,
                          MatrixKind::kTaskHead, rows, columns);
  }

  ops::WeightPtr pooler_, pooler_bias_, classifier_, classifier_bias_;
};

// Flat positions of the first tokens of [B, S].
at::Tensor first_tokens(const at::Tensor& ids) {
  return at::arange(0, ids.numel(), ids.size(1), ids.options());
}

// The mean of the tokens of each sequence: [B, S, H] -> [B, H] in fp32.
at::Tensor mean_of_tokens(const at::Tensor& hidden, const at::Tensor& lengths) {
  const at::Tensor wide = hidden.to(at::kFloat);
  if (!lengths.defined()) return wide.mean(1);
  const at::Tensor is_token =
      at::arange(hidden.size(1), lengths.options()).unsqueeze(0).lt(lengths.unsqueeze(1));
  return wide.mul(is_token.unsqueeze(2)).sum(1).div(lengths.unsqueeze(1));
}

}  // namespace

struct TaskModel::Parts {
  Parts(const recipe::Model& options, const Shape& shape, const TaskHead& task,
        WeightBuilder&& builder)
      : task_head(task),
        placement(builder.placement()),
        encoder(options, shape, builder),
        head(task, options.hidden_size, builder),
        weights(builder.take_weights()) {}

  // The hidden states that the head sees.
  [[nodiscard]] at::Tensor features(const EncoderInput& input, Mode mode) const {
    if (task_head.outputs == Outputs::kOfTokens) return encoder.hidden(input, {}, mode);
    if (task_head.pooling == recipe::Pooling::kMean) {
      return mean_of_tokens(encoder.hidden(input, {}, mode), input.lengths);
    }
    return encoder.hidden(input, first_tokens(input.ids), mode);
  }

  TaskHead task_head;
  Placement placement;
  Encoder encoder;
  Head head;
  ops::WeightList weights;
};

TaskModel::TaskModel(const recipe::Model& options, const Shape& shape, const TaskHead& head,
                     const Placement& placement, std::uint64_t seed)
    : parts_(
          std::make_unique<Parts>(options, shape, head, WeightBuilder(options, placement, seed))) {}

TaskModel::~TaskModel() = default;
TaskModel::TaskModel(TaskModel&&) noexcept = default;

at::Tensor TaskModel::logits(const EncoderInput& input, Mode mode) const {
  const double dropout = mode == Mode::kTraining ? parts_->task_head.dropout : 0;
  return parts_->head.forward(parts_->features(input, mode), dropout);
}

const ops::WeightList& TaskModel::weights() const { return parts_->weights; }
const TaskHead& TaskModel::head() const { return parts_->task_head; }
const Placement& TaskModel::placement() const { return parts_->placement; }

}  // namespace cram::model
