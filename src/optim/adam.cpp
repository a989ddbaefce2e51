#include "adam.h"

#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "cram/ops/adam_step.h"

namespace cram::optim {

Adam::Adam(const recipe::Optimizer& options, WeightDecay decay, const ops::WeightList& weights)
    : learning_rate_(options.learning_rate),
      beta1_(options.beta1),
      beta2_(options.beta2),
      epsilon_(options.epsilon),
      decay_(decay) {
  decayed_.weight_decay = options.weight_decay;
  if (!weights.empty()) step_ = at::zeros({}, weights.front()->master.options());
  for (const auto& weight : weights) add(is_decayed(*weight) ? decayed_ : plain_, weight);
}

void Adam::add(Group& group, const ops::WeightPtr& weight) {
  group.weights.push_back(weight);
  group.masters.push_back(weight->master);
  group.grads.push_back(weight->grad);
  group.exp_avgs.push_back(at::zeros_like(weight->master));
  group.exp_avg_sqs.push_back(at::zeros_like(weight->master));
  group.steps.push_back(step_);
}

void Adam::apply(const Update& update) {
  if (!step_.defined()) return;
  step_.add_(update.moves);
  const ops::WeightList& weights = decayed_.weights.empty() ? plain_.weights : decayed_.weights;
  if (ops::has_adam_step(*weights.front())) {
    apply_in_one_pass(update);
  } else {
    apply_by_aten(update);
  }
}

// On a CPU, where reading a tensor waits for nothing.
void Adam::apply_in_one_pass(const Update& update) const {
  for (const Group* group : {&decayed_, &plain_}) {
    if (update.moves.item<float>() == 0) {
      ops::zero_gradients(group->weights);
      continue;
    }
    const ops::AdamStep step{.learning_rate = learning_rate_ * update.learning_rate_factor,
                             .beta1 = beta1_,
                             .beta2 = beta2_,
                             .epsilon = epsilon_,
                             .weight_decay = group->weight_decay,
                             .coupled = decay_ == WeightDecay::kCoupled,
                             .gradient_factor = 1 / update.gradient_divisor.item<double>(),
                             .step = step_.item<double>()};
    for (std::size_t i = 0; i < group->weights.size(); ++i) {
      ops::adam_step(*group->weights[i], group->exp_avgs[i], group->exp_avg_sqs[i], step);
    }
  }
}

void Adam::apply_by_aten(const Update& update) {
  const double rate = learning_rate_ * update.learning_rate_factor;
  for (Group* group : {&decayed_, &plain_}) {
    if (group->weights.empty()) continue;
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
    finish(group->weights);
  }
}

void Adam::append_state(NamedTensors& state) const {
  if (!step_.defined()) return;
  state.emplace_back("adam.step", step_);
  for (const Group* group : {&decayed_, &plain_}) {
    for (std::size_t i = 0; i < group->weights.size(); ++i) {
      const std::string& name = group->weights[i]->name;
      state.emplace_back("adam.exp_avg." + name, group->exp_avgs[i]);
      state.emplace_back("adam.exp_avg_sq." + name, group->exp_avg_sqs[i]);
    }
  }
}

}  // namespace cram::optim
