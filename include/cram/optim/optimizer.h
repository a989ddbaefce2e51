// One update of all weights: unscale, clip, move, refresh the compute copies, clear the gradients.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cram/ops/weight.h"
#include "cram/recipe/recipe.h"

namespace cram::optim {

struct StepInput {
  double learning_rate_factor = 1.0;  // on each group's peak learning rate
  double gradient_scale = 1.0;        // gradients are divided by this first, …
  at::Tensor loss_scale = {};         // … and by this fp32 scalar on their device, if defined
  double budget_share = 0.0;          // spent so far; Muon's momentum may move with it
};

// Device tensors, so that reading them is the caller's choice of when to synchronise.
struct StepOutput {
  at::Tensor gradient_norm;  // fp32 scalar, before clipping, after unscaling
  at::Tensor skipped;        // fp32 scalar: 1 when a gradient was not finite and nothing moved
};

// Holds state for the weights it was made for, on their device. Not thread-safe.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  // No device synchronisation. Gradients are zero afterwards, compute copies are fresh.
  virtual StepOutput step(const StepInput& input) = 0;

  // All state as named tensors that share storage with the optimizer's own: writing them into a
  // checkpoint and copying a checkpoint into them restores it to the byte.
  [[nodiscard]] virtual std::vector<std::pair<std::string, at::Tensor>> state() = 0;
};

// Weight decay applies to matrices and tables, not to gains and biases (the paper's decay groups),
// and Muon (Jordan et al. 2024) to hidden matrices: momentum, five Newton-Schulz steps, step length
// scaled by 0.2*sqrt(max(rows, columns)) (Liu et al. 2025, arXiv 2502.16982) times its own rate.
// The other rules and their papers are in src/optim, one a file. Those that measure matrices (Muon,
// LAMB, Adafactor) measure each of the stacked ones by itself.
[[nodiscard]] std::unique_ptr<Optimizer> make_optimizer(const recipe::Optimizer& options,
                                                        const ops::WeightList& weights);

}  // namespace cram::optim
