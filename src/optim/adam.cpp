#include "adam.h"

#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

namespace cram::optim {

namespace {

bool is_decayed(ops::WeightRole role) {
  return role != ops::WeightRole::kGain && role != ops::WeightRole::kBias;
}

}  // namespace

Adam::Adam(const recipe::Optimizer& options, WeightDecay decay, const ops::WeightList& weights)
    : learning_rate_(options.learning_rate),
      beta1_(options.beta1),
      beta2_(options.beta2),
      epsilon_(options.epsilon),
      decay_(decay) {
  decayed_.weight_decay = options.weight_decay;
  if (!weights.empty()) step_ = at::zeros({}, weights.front()->master.options());
  for (const auto& weight : weights) add(is_decayed(weight->role) ? decayed_ : plain_, *weight);
}

void Adam::add(Group& group, const ops::Weight& weight) {
  group.names.push_back(weight.name);
  group.masters.push_back(weight.master);
  group.grads.push_back(weight.grad);
  group.exp_avgs.push_back(at::zeros_like(weight.master));
  group.exp_avg_sqs.push_back(at::zeros_like(weight.master));
  group.steps.push_back(step_);
}

void Adam::apply(const Update& update) {
  if (!step_.defined()) return;
  step_.add_(update.moves);
  const double rate = learning_rate_ * update.learning_rate_factor;
  for (Group* group : {&decayed_, &plain_}) {
    if (group->names.empty()) continue;
    const auto move = [&](auto&& kernel) {
      kernel(group->masters, group->grads, group->exp_avgs, group->exp_avg_sqs,
             /*max_exp_avg_sqs=*/at::TensorList{}, group->steps, rate, beta1_, beta2_,
             group->weight_decay, epsilon_, /*amsgrad=*/false, /*maximize=*/false,
             update.gradient_divisor, update.skipped);
    };
    if (decay_ == WeightDecay::kDecoupled) {
      move([](const auto&... arguments) { at::_fused_adamw_(arguments...); });
    } else {
      move([](const auto&... arguments) { at::_fused_adam_(arguments...); });
    }
  }
}

void Adam::append_state(NamedTensors& state) const {
  if (!step_.defined()) return;
  state.emplace_back("adam.step", step_);
  for (const Group* group : {&decayed_, &plain_}) {
    for (std::size_t i = 0; i < group->names.size(); ++i) {
      state.emplace_back("adam.exp_avg." + group->names[i], group->exp_avgs[i]);
      state.emplace_back("adam.exp_avg_sq." + group->names[i], group->exp_avg_sqs[i]);
    }
  }
}

}  // namespace cram::optim
