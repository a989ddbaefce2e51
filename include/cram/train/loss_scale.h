// The dynamic loss scale of fp16 training: small gradients are lifted into fp16's range, and the
// scale is halved whenever one overflows and doubled after a long run without (Micikevicius et al.
// 2018). Lives on the device, so that no step waits for it.
#pragma once

#include <string_view>

#include <ATen/core/Tensor.h>

#include "cram/checkpoint/safetensors.h"
#include "cram/optim/optimizer.h"
#include "cram/recipe/recipe.h"

namespace cram::train {

class LossScale {
 public:
  // Of the names in state().
  static constexpr std::string_view kPrefix = "loss_scale.";

  // Inactive, a factor of 1, unless the compute type is fp16.
  LossScale(const recipe::Precision& options, at::ScalarType compute_type,
            const at::Device& device);

  [[nodiscard]] at::Tensor scaled(const at::Tensor& loss) const;
  // The fp32 scalar that gradients are to be divided by, or undefined when inactive.
  [[nodiscard]] const at::Tensor& value() const { return scale_; }
  // `skipped` is 1 when the last update met a gradient that is not finite.
  void update(const at::Tensor& skipped);
  // Shares storage, like Optimizer::state(); empty when inactive.
  [[nodiscard]] checkpoint::NamedTensors state() const;
  // `saved`, an optimizer's state with or without a loss scale, with the one that this run's
  // compute type takes: fp16 has one, other types none.
  [[nodiscard]] checkpoint::NamedTensors fit(checkpoint::NamedTensors saved) const;

 private:
  std::int64_t growth_interval_;
  at::Tensor scale_;
  at::Tensor growth_tracker_;
};

// The optimizer's state and the loss scale's, as one list that shares their storage.
[[nodiscard]] checkpoint::NamedTensors joint_state(optim::Optimizer& optimizer,
                                                   const LossScale& loss_scale);

}  // namespace cram::train
