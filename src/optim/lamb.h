// LAMB (You et al. 2020, arXiv 1904.00962, algorithm 2): Adam's direction, with a step that is as
// long beside its matrix as the learning rate says.
#pragma once

#include "cram/recipe/recipe.h"

#include "weight_lists.h"

namespace cram::optim {

class Lamb final : public Part {
 public:
  Lamb(const recipe::Optimizer& options, const ops::WeightList& weights);
  // The ratio of norms (the paper's with the identity as phi) is that of each stacked matrix, and 1
  // where one of the norms is zero. Gains and biases neither decay nor have a ratio, as in the
  // authors' code.
  void apply(const Update& update) override;
  // lamb.step, then lamb.exp_avg.<weight> and lamb.exp_avg_sq.<weight>.
  void append_state(NamedTensors& state) const override;

 private:
  [[nodiscard]] std::vector<at::Tensor> adam_directions() const;
  void add_decay_and_fit_length(std::vector<at::Tensor>& directions) const;

  double learning_rate_, beta1_, beta2_, epsilon_, weight_decay_;
  WeightLists lists_;
  at::Tensor step_;  // fp32 scalar on the device
  std::vector<at::Tensor> exp_avgs_, exp_avg_sqs_;
};

}  // namespace cram::optim
