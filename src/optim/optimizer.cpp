#include "cram/optim/optimizer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/stack.h>

#include "cram/base/error.h"

#include "adafactor.h"
#include "adam.h"
#include "lamb.h"
#include "lion.h"
#include "muon.h"
#include "sgd.h"

namespace cram::optim {

namespace {

class PartwiseOptimizer final : public Optimizer {
 public:
  PartwiseOptimizer(double clip_norm, const ops::WeightList& weights,
                    std::vector<std::unique_ptr<Part>> parts)
      : clip_norm_(clip_norm), parts_(std::move(parts)) {
    for (const auto& weight : weights) grads_.push_back(weight->grad);
  }

  StepOutput step(const StepInput& input) override {
    const at::NoGradGuard no_grad;
    const at::Tensor scaled_norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(grads_)));
    at::Tensor scale = at::full({}, input.gradient_scale, scaled_norm.options());
    if (input.loss_scale.defined()) scale.mul_(input.loss_scale);
    const at::Tensor norm = scaled_norm.div(scale);
    const at::Tensor finite = at::isfinite(norm);
    const Update update{.learning_rate_factor = input.learning_rate_factor,
                        .budget_share = input.budget_share,
                        .gradient_divisor = clip_divisor(norm).mul_(scale),
                        .moves = finite.to(at::kFloat),
                        .skipped = finite.logical_not().to(at::kFloat)};
    for (const auto& part : parts_) part->apply(update);
    return {norm, update.skipped};
  }

  std::vector<std::pair<std::string, at::Tensor>> state() override {
    NamedTensors state;
    for (const auto& part : parts_) part->append_state(state);
    return state;
  }

 private:
  // The inverse of the factor min(1, clip / (norm + 1e-6)) of torch.nn.utils.clip_grad_norm_.
  [[nodiscard]] at::Tensor clip_divisor(const at::Tensor& norm) const {
    if (clip_norm_ <= 0.0) return at::ones_like(norm);
    return norm.add(1e-6).div_(clip_norm_).clamp_min_(1.0);
  }

  double clip_norm_;
  std::vector<at::Tensor> grads_;
  std::vector<std::unique_ptr<Part>> parts_;
};

using Parts = std::vector<std::unique_ptr<Part>>;

Parts make_muon_and_adam(const recipe::Optimizer& options, const ops::WeightList& weights) {
  ops::WeightList hidden, others;
  for (const auto& weight : weights) {
    (weight->role == ops::WeightRole::kHiddenMatrix ? hidden : others).push_back(weight);
  }
  Parts parts;
  parts.push_back(std::make_unique<Muon>(options, hidden));
  parts.push_back(std::make_unique<Adam>(options, WeightDecay::kDecoupled, others));
  return parts;
}

std::unique_ptr<Part> make_part(const recipe::Optimizer& options, const ops::WeightList& weights) {
  switch (options.type) {
    case recipe::OptimizerType::kAdam:
      return std::make_unique<Adam>(options, WeightDecay::kCoupled, weights);
    case recipe::OptimizerType::kLion:
      return std::make_unique<Lion>(options, weights);
    case recipe::OptimizerType::kLamb:
      return std::make_unique<Lamb>(options, weights);
    case recipe::OptimizerType::kAdafactor:
      return std::make_unique<Adafactor>(options, weights);
    case recipe::OptimizerType::kSgd:
      return std::make_unique<Sgd>(options, weights);
    default:
      return std::make_unique<Adam>(options, WeightDecay::kDecoupled, weights);
  }
}

Parts make_parts(const recipe::Optimizer& options, const ops::WeightList& weights) {
  const recipe::OptimizerType type = options.type;
  if (type == recipe::OptimizerType::kMuon || type == recipe::OptimizerType::kNorMuon) {
    return make_muon_and_adam(options, weights);
  }
  Parts parts;
  parts.push_back(make_part(options, weights));
  return parts;
}

}  // namespace

std::unique_ptr<Optimizer> make_optimizer(const recipe::Optimizer& options,
                                          const ops::WeightList& weights) {
  if (weights.empty()) throw Error(ErrorCode::kInternal, "an optimizer needs weights to move");
  return std::make_unique<PartwiseOptimizer>(options.clip_norm, weights,
                                             make_parts(options, weights));
}

}  // namespace cram::optim
