// Which of the CUDA plug-in's own kernels the operations use. The others, and all where there is no
// plug-in, are ATen's: the same functions in several passes over memory.
//
// Set before the first step of a run and not during one; the same for the whole process, as are
// ATen's own kernels.
#pragma once

#include <array>
#include <cstdint>

#include "cram/cuda/kernels.h"

namespace cram::ops {

enum class GpuKernel {
  kActivation,  // activations, gated and not
  kNorm,        // norms, with the residual before them
  kLoss,        // the head's softmax and cross-entropy
  kPlacing,     // norm and rotation of queries and keys, and their gradients put together
};
inline constexpr std::array kGpuKernels = {GpuKernel::kActivation, GpuKernel::kNorm,
                                           GpuKernel::kLoss, GpuKernel::kPlacing};
[[nodiscard]] const char* name(GpuKernel kernel);

// The plug-in's table, which must stay; none of it is used until somebody says so.
void offer_gpu_kernels(const cuda::Kernels* table);

// False where no table was offered.
[[nodiscard]] bool has_gpu_kernels();

void use_gpu_kernel(GpuKernel kernel, bool used);
[[nodiscard]] bool uses_gpu_kernel(GpuKernel kernel);

// How often it has run so far: not at all where it is in use but does not take the shapes.
[[nodiscard]] std::int64_t gpu_kernel_calls(GpuKernel kernel);

}  // namespace cram::ops
