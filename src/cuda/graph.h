// Captures work as a CUDA graph, as Plugin::capture promises.
#pragma once

#include <functional>
#include <memory>

#include "cram/cuda/graph.h"

namespace cram::cuda {

std::unique_ptr<Graph> capture(int device, const std::function<void()>& work);

}  // namespace cram::cuda
