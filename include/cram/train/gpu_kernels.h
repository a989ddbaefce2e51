// Which kernels a run uses on a GPU: of our own those that this device, at the run's shapes,
// computes as exactly as ATen's and faster; of ATen's attention the faster of two.
#pragma once

#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include "cram/model/size.h"
#include "cram/ops/gpu_kernels.h"
#include "cram/recipe/recipe.h"

namespace cram::train {

// One kernel against ATen's on the same input, forward and backward.
struct KernelTrial {
  ops::GpuKernel kernel;
  double error = 0;       // relative, of values and gradients against fp32; the largest
  double aten_error = 0;  // the same of ATen in the compute type
  double milliseconds = 0;
  double aten_milliseconds = 0;

  [[nodiscard]] bool right() const;
  [[nodiscard]] bool faster() const { return milliseconds < aten_milliseconds; }
};

// "norm: 3.1 times as fast as ATen's"; "loss: ATen's, ours is wrong here (relative error 0.3)".
[[nodiscard]] std::string to_text(const KernelTrial& trial);

struct GpuKernelChoice {
  std::vector<KernelTrial> trials;
  // ATen's attention, forward and backward, as it would choose by itself (cuDNN's where there is
  // one) and without cuDNN; 0 where nothing was tried.
  double attention_milliseconds = 0;
  double attention_without_cudnn_milliseconds = 0;

  [[nodiscard]] bool without_cudnn() const {
    return attention_without_cudnn_milliseconds < attention_milliseconds;
  }
  // A line each, for the log.
  [[nodiscard]] std::vector<std::string> lines() const;
};

// Tries each kernel at the model's shapes and puts those to use that are right and faster (with
// kAten: none). Well below two seconds. No trials and no kernels on a CPU.
GpuKernelChoice choose_gpu_kernels(const recipe::Device& options, const recipe::Model& model,
                                   const model::Shape& shape, const c10::Device& device,
                                   c10::ScalarType type);

}  // namespace cram::train
