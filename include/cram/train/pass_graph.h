// The pass of a micro-batch as a CUDA graph, over input tensors of its own.
//
// A graph keeps the addresses of all that the pass reads and writes beside its input: masters,
// compute copies, gradients, loss scale, tables. They are changed in place as long as it lives.
#pragma once

#include <functional>
#include <memory>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "cram/cuda/graph.h"
#include "cram/model/masked_input.h"

namespace cram::train {

// Captures what `work` queues on the device instead of computing it. Throws c10::OutOfMemoryError
// where there is no room for what it allocates, and then everything can be used further;
// Error{kInternal} where an operation cannot be captured, after which the process must end. Empty:
// nothing is to be captured.
using Capture = std::function<std::unique_ptr<cuda::Graph>(const std::function<void()>& work)>;

// That of a GPU; empty for a CPU.
[[nodiscard]] Capture capture_on(const c10::Device& device);

class PassGraph {
 public:
  // Adds to gradients and returns the loss, a scalar.
  using Compute = std::function<at::Tensor(const model::MaskedInput&)>;

  // For batches of the shapes of `like`. Throws what `capture` throws.
  PassGraph(const model::MaskedInput& like, const Capture& capture, Compute compute);
  PassGraph(const PassGraph&) = delete;
  PassGraph& operator=(const PassGraph&) = delete;

  // The loss, which the next launch overwrites.
  at::Tensor launch(const model::MaskedInput& batch);

 private:
  model::MaskedInput input_;
  at::Tensor loss_;
  Compute compute_;
  std::unique_ptr<cuda::Graph> graph_;
};

}  // namespace cram::train
