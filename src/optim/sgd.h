// Gradient descent with momentum (Polyak 1964), in the form of Sutskever et al. 2013 without
// Nesterov's look ahead, and with L2 in the gradient.
#pragma once

#include "cram/recipe/recipe.h"

#include "weight_lists.h"

namespace cram::optim {

class Sgd final : public Part {
 public:
  Sgd(const recipe::Optimizer& options, const ops::WeightList& weights);
  // v <- momentum*v + gradient + decay*w, w <- w - rate*v.
  void apply(const Update& update) override;
  // sgd.momentum.<weight>.
  void append_state(NamedTensors& state) const override;

 private:
  double learning_rate_, momentum_, weight_decay_;
  WeightLists lists_;
  std::vector<at::Tensor> momenta_;
};

}  // namespace cram::optim
