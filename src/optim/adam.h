// Adam (Kingma & Ba 2015) with coupled L2, or with decoupled weight decay (Loshchilov & Hutter
// 2019): one pass over each weight where there is a kernel of ours, else through ATen's fused ones.
#pragma once

#include "cram/ops/weight.h"
#include "cram/recipe/recipe.h"

#include "part.h"

namespace cram::optim {

enum class WeightDecay { kDecoupled, kCoupled };

class Adam final : public Part {
 public:
  Adam(const recipe::Optimizer& options, WeightDecay decay, const ops::WeightList& weights);
  void apply(const Update& update) override;
  // adam.step, then adam.exp_avg.<weight> and adam.exp_avg_sq.<weight>.
  void append_state(NamedTensors& state) const override;

 private:
  // Weights with one weight decay; the lists are what ATen's kernels take.
  struct Group {
    double weight_decay = 0.0;
    ops::WeightList weights;
    std::vector<at::Tensor> masters, grads, exp_avgs, exp_avg_sqs, steps;
  };
  void add(Group& group, const ops::WeightPtr& weight);
  void apply_in_one_pass(const Update& update) const;
  void apply_by_aten(const Update& update);

  double learning_rate_, beta1_, beta2_, epsilon_;
  WeightDecay decay_;
  at::Tensor step_;  // fp32 scalar on the device: it must not advance when an update is skipped
  Group decayed_, plain_;
};

}  // namespace cram::optim
