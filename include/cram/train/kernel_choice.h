// Which kernels a run uses. On a CPU our own; on a GPU of our own those that this device, at the
// model's shapes, computes about as exactly as ATen's and faster, and of ATen's attention the
// faster of two. ATen's alone where the recipe says so.
#pragma once

#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include "cram/model/placement.h"
#include "cram/model/size.h"
#include "cram/ops/gpu_kernels.h"
#include "cram/recipe/recipe.h"

namespace cram::train {

// One kernel against ATen's on the same input, forward and backward.
struct KernelTrial {
  ops::GpuKernel kernel;
  std::string skipped = {};  // why ours was not tried, if it was not
  // Relative, against fp32, of the output or gradient that is furthest from what it may be, and the
  // same of ATen in the compute type.
  double error = 0;
  double aten_error = 0;
  double milliseconds = 0;
  double aten_milliseconds = 0;

  [[nodiscard]] bool right() const;   // at most half as much again as ATen's error
  [[nodiscard]] bool faster() const;  // by more than the measurement's noise
  [[nodiscard]] bool used() const { return skipped.empty() && right() && faster(); }
};

// "norm: ours, 3.10 times as fast as ATen's"; "loss: ATen's, ours is wrong here (relative error
// 0.3)".
[[nodiscard]] std::string to_text(const KernelTrial& trial);

struct KernelChoice {
  bool atens_alone = false;  // the recipe wants it so
  std::vector<KernelTrial> trials;
  // ATen's attention, forward and backward, as it would choose by itself (cuDNN's where there is
  // one) and without cuDNN; 0 where nothing was tried, infinite where memory is too short for it.
  double attention_milliseconds = 0;
  double attention_without_cudnn_milliseconds = 0;

  [[nodiscard]] bool without_cudnn() const;
  // A line each, for the log.
  [[nodiscard]] std::vector<std::string> lines() const;
  // "aten activation norm loss", on which the run's arithmetic depends; empty where nothing was
  // chosen.
  [[nodiscard]] std::string summary() const;
};

// What the kernels are for.
struct Passes {
  const recipe::Model& model;
  model::Shape shape;
  std::int64_t tokens;  // at once
  double z_loss = 0;
};

// Tries each kernel in such a pass, of fewer tokens where the memory is small, and puts those to
// use that are right and faster (with kAten: none). Well below two seconds on a GPU. For a CPU
// nothing is tried, and nothing of a GPU's changed.
KernelChoice choose_kernels(const recipe::Device& options, const Passes& passes,
                            const model::Placement& placement);

// Says on the log what was chosen.
void announce(const KernelChoice& choice);

}  // namespace cram::train
