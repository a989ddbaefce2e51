// The CUDA plug-in as the rest of the program sees it: a shared library beside the executable that
// is loaded when a CUDA device is wanted, so that a CPU-only build needs no CUDA toolkit and a CPU
// run loads no CUDA library. Loading it registers LibTorch's CUDA backend.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "cram/cuda/graph.h"
#include "cram/cuda/kernels.h"

namespace cram::cuda {

inline constexpr int kPluginVersion = 4;
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
  // Captures the operations that `work` queues on the device, which are not computed then; what
  // they allocate stays with the graph. One thread at a time. Throws c10::OutOfMemoryError where
  // memory is short; after any other c10::Error, such as that of an operation that waits for the
  // device, the process must end.
  std::unique_ptr<Graph> (*capture)(int device, const std::function<void()>& work);
};

using PluginEntry = const Plugin* (*)();

}  // namespace cram::cuda
