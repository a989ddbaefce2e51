#include "cram/finetune/objective.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/mse_loss.h>

namespace cram::finetune {
namespace {

using glue::Problem;

at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& targets) {
  return at::cross_entropy_loss(logits, targets);
}

// The mean over no token at all is 0 and not NaN.
at::Tensor token_loss(const at::Tensor& logits, const at::Tensor& labels) {
  const at::Tensor sum = at::cross_entropy_loss(logits.flatten(0, 1), labels.flatten(), {},
                                                at::Reduction::Sum, kNoLabel);
  return sum.div(labels.ne(kNoLabel).sum().clamp_min(1));
}

at::Tensor span_loss(const at::Tensor& logits, const TaskBatch& batch) {
  const at::Tensor scores = without_padding(logits, batch.input.lengths);
  const auto loss = [&](std::int64_t side) {
    return cross_entropy(scores.select(2, side), batch.targets.select(1, side));
  };
  return loss(0).add(loss(1)).div(2);
}

}  // namespace

model::TaskHead task_head(const glue::DataSet& data, const recipe::FineTuning& options) {
  model::TaskHead head;
  head.outputs = data.problem == Problem::kTokenLabels || data.problem == Problem::kSpan
                     ? model::Outputs::kOfTokens
                     : model::Outputs::kOfSequence;
  head.size = static_cast<std::int64_t>(data.labels.size());
  if (data.problem == Problem::kRegression) head.size = 1;
  if (data.problem == Problem::kSpan) head.size = 2;
  head.pooling = options.pooling;
  head.inner_size = options.head_size;
  head.dropout = options.dropout;
  return head;
}

at::Tensor task_loss(const at::Tensor& logits, const TaskBatch& batch, Problem problem) {
  switch (problem) {
    case Problem::kClassification:
      return cross_entropy(logits, batch.targets);
    case Problem::kRegression:
      return at::mse_loss(logits.squeeze(1), batch.targets);
    case Problem::kTokenLabels:
      return token_loss(logits, batch.targets);
    case Problem::kSpan:
      break;
  }
  return span_loss(logits, batch);
}

at::Tensor without_padding(const at::Tensor& logits, const at::Tensor& lengths) {
  constexpr double kNever = -1e9;
  const at::Tensor is_padding =
      at::arange(logits.size(1), lengths.options()).unsqueeze(0).ge(lengths.unsqueeze(1));
  return logits.masked_fill(is_padding.unsqueeze(2), kNever);
}

}  // namespace cram::finetune
