// The CUDA plug-in as the rest of the program sees it: a shared library beside the executable that
// is loaded when a CUDA device is wanted, so that a CPU-only build needs no CUDA toolkit and a CPU
// run loads no CUDA library. Loading it registers LibTorch's CUDA backend.
#pragma once

#include <cstdint>

#include "cram/cuda/kernels.h"

namespace cram::cuda {

inline constexpr int kPluginVersion = 3;
inline constexpr const char* kPluginFile = "libcram_cuda.so";
inline constexpr const char* kPluginEntry = "cram_cuda_plugin";

struct DeviceInfo {
  char name[128];
  int compute_major, compute_minor;
  std::int64_t total_bytes, free_bytes;
};

// The table that the entry function returns; `version` comes first in every version.
struct Plugin {
  int version;
  int (*device_count)();  // 0 when there is no usable device or driver
  bool (*device_info)(int device, DeviceInfo* info);
  std::int64_t (*peak_bytes)(int device);  // most memory that tensors took so far
  void (*forget_memory)(int device);       // frees what no tensor uses and starts the peak anew
  const Kernels* kernels;                  // of our own, for ops
};

using PluginEntry = const Plugin* (*)();

}  // namespace cram::cuda
