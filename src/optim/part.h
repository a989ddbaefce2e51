// The part of an optimizer that moves some of the weights by one rule.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include "cram/ops/weight.h"

namespace cram::optim {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

// One update as all parts see it. Tensors are fp32 scalars on the weights' device.
struct Update {
  double learning_rate_factor;
  double budget_share;
  at::Tensor gradient_divisor;  // gradients are divided by this: unscaled and clipped
  at::Tensor moves;             // 0: some gradient is not finite and nothing may move; else 1
  at::Tensor skipped;           // 1 - moves
};

// What is left to do once the masters have moved: gradients cleared, compute copies refreshed.
void finish(const ops::WeightList& weights);

// Whether weight decay applies: to matrices and tables, not to gains and biases.
[[nodiscard]] bool is_decayed(const ops::Weight& weight);

// `t`, of the weight's shape, as its independent matrices: [stacked, rows, columns]; a vector is
// one row.
[[nodiscard]] at::Tensor matrices(const ops::Weight& weight, const at::Tensor& t);

class Part {
 public:
  virtual ~Part() = default;
  // Moves the weights where `moves` is 1. Their gradients are zero afterwards, whatever they were,
  // and their compute copies fresh.
  virtual void apply(const Update& update) = 0;
  virtual void append_state(NamedTensors& state) const = 0;
};

}  // namespace cram::optim
