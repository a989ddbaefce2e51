// What is minimised, and the head that it takes.
#pragma once

#include "cram/finetune/batches.h"
#include "cram/glue/example.h"
#include "cram/model/task_model.h"
#include "cram/recipe/recipe.h"

namespace cram::finetune {

// The head for a data set: a number for each class, one score, a number for each label of a token,
// or two numbers a token for the begin and the end of a span.
[[nodiscard]] model::TaskHead task_head(const glue::DataSet& data,
                                        const recipe::FineTuning& options);

// Classes: mean cross-entropy; scores: mean squared error; token labels: mean cross-entropy over
// the labelled tokens, 0 where there are none; spans: the mean of the cross-entropies of begin and
// end. fp32 scalar, differentiable.
[[nodiscard]] at::Tensor task_loss(const at::Tensor& logits, const TaskBatch& batch,
                                   glue::Problem problem);

// Logits [B, S, n] in which padding cannot win.
[[nodiscard]] at::Tensor without_padding(const at::Tensor& logits, const at::Tensor& lengths);

}  // namespace cram::finetune
