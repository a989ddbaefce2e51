// Loads the CUDA plug-in that lies beside the executable, once a process.
#pragma once

#include <string>

#include "cram/cuda/plugin.h"

namespace cram::train {

struct CudaLoad {
  const cuda::Plugin* plugin = nullptr;
  std::string problem;  // why there is none
};

[[nodiscard]] CudaLoad load_cuda();

}  // namespace cram::train
