// Lion (Chen et al. 2023, arXiv 2302.06675, algorithm 2): steps of one length, the sign of a mean
// of gradient and momentum.
#pragma once

#include "cram/recipe/recipe.h"

#include "weight_lists.h"

namespace cram::optim {

class Lion final : public Part {
 public:
  Lion(const recipe::Optimizer& options, const ops::WeightList& weights);
  void apply(const Update& update) override;
  // lion.momentum.<weight>.
  void append_state(NamedTensors& state) const override;

 private:
  double learning_rate_, beta1_, beta2_, weight_decay_;
  WeightLists lists_;
  std::vector<at::Tensor> momenta_;
};

}  // namespace cram::optim
