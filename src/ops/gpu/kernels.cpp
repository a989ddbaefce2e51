#include "kernels.h"

#include <atomic>

#include "../autograd.h"

namespace cram::ops {
namespace {

struct InUse {
  const cuda::Kernels* table = nullptr;
  std::array<bool, kGpuKernels.size()> used{};
  // Forward and backward passes are different threads'.
  std::array<std::atomic<std::int64_t>, kGpuKernels.size()> calls{};
};

InUse& in_use() {
  static InUse state;
  return state;
}

}  // namespace

const char* name(GpuKernel kernel) {
  switch (kernel) {
    case GpuKernel::kActivation:
      return "activation";
    case GpuKernel::kNorm:
      return "norm";
    case GpuKernel::kLoss:
      return "loss";
    case GpuKernel::kPlacing:
      return "placing";
  }
  return "";
}

void offer_gpu_kernels(const cuda::Kernels* table) { in_use().table = table; }

bool has_gpu_kernels() { return in_use().table != nullptr; }

void use_gpu_kernel(GpuKernel kernel, bool used) {
  in_use().used[static_cast<std::size_t>(kernel)] = used && has_gpu_kernels();
}

bool uses_gpu_kernel(GpuKernel kernel) { return in_use().used[static_cast<std::size_t>(kernel)]; }

std::int64_t gpu_kernel_calls(GpuKernel kernel) {
  return in_use().calls[static_cast<std::size_t>(kernel)];
}

namespace gpu {

const cuda::Kernels& kernels_of(GpuKernel kernel) {
  ++in_use().calls[static_cast<std::size_t>(kernel)];
  return *in_use().table;
}

void* aligned(void* address) {
  require(reinterpret_cast<std::uintptr_t>(address) % 16 == 0,
          "a tensor for a GPU kernel does not begin at a multiple of 16 bytes");
  return address;
}

bool handles(GpuKernel kernel, const at::Tensor& x) {
  if (!x.is_cuda() || !uses_gpu_kernel(kernel)) return false;
  const at::ScalarType type = x.scalar_type();
  return type == at::kBFloat16 || type == at::kHalf || type == at::kFloat;
}

cuda::Element element(const at::Tensor& x) {
  switch (x.scalar_type()) {
    case at::kHalf:
      return cuda::Element::kHalf;
    case at::kBFloat16:
      return cuda::Element::kBFloat16;
    default:
      return cuda::Element::kFloat;
  }
}

cuda::Stream stream(const at::Tensor& x) {
  return in_use().table->current_stream(x.device().index());
}

}  // namespace gpu
}  // namespace cram::ops
