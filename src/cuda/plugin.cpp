// The entry of the CUDA plug-in: what the rest of the program asks about devices.
//
// Linking LibTorch's CUDA library into this plug-in is what registers its CUDA backend on loading.
#include "cram/cuda/plugin.h"

#include <cstdio>

#include <cuda_runtime_api.h>

#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>

#include "graph.h"
#include "kernel_list.h"

namespace cram::cuda {
namespace {

int device_count() { return c10::cuda::device_count(); }

bool device_info(int device, DeviceInfo* info) {
  cudaDeviceProp properties{};
  if (device < 0 || device >= device_count() ||
      cudaGetDeviceProperties(&properties, device) != cudaSuccess) {
    return false;
  }
  std::snprintf(info->name, sizeof(info->name), "%s", properties.name);
  info->compute_major = properties.major;
  info->compute_minor = properties.minor;
  std::size_t free_bytes = 0;
  std::size_t total_bytes = 0;
  if (cudaSetDevice(device) != cudaSuccess ||
      cudaMemGetInfo(&free_bytes, &total_bytes) != cudaSuccess) {
    return false;
  }
  info->free_bytes = static_cast<std::int64_t>(free_bytes);
  info->total_bytes = static_cast<std::int64_t>(total_bytes);
  return true;
}

std::int64_t peak_bytes(int device) {
  const auto statistics =
      c10::cuda::CUDACachingAllocator::getDeviceStats(static_cast<c10::DeviceIndex>(device));
  return statistics.reserved_bytes[0].peak;
}

void forget_memory(int device) {
  c10::cuda::CUDACachingAllocator::emptyCache();
  c10::cuda::CUDACachingAllocator::resetPeakStats(static_cast<c10::DeviceIndex>(device));
}

Stream current_stream(int device) {
  return c10::cuda::getCurrentCUDAStream(static_cast<c10::DeviceIndex>(device)).stream();
}

constexpr Kernels kKernels = {activation,      norm_forward,     norm_backward, loss,
                              placing_forward, placing_backward, current_stream};

constexpr Plugin kPlugin = {kPluginVersion, device_count, device_info, peak_bytes,
                            forget_memory,  &kKernels,    capture};

}  // namespace
}  // namespace cram::cuda

extern "C" __attribute__((visibility("default"))) const cram::cuda::Plugin* cram_cuda_plugin() {
  return &cram::cuda::kPlugin;
}
