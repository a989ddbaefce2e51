// Operations that were captured once, as a CUDA graph, and are launched as a whole.
#pragma once

namespace cram::cuda {

class Graph {
 public:
  virtual ~Graph() = default;
  // Queues the operations on the current stream, over the tensors that they were captured with.
  virtual void launch() = 0;
};

}  // namespace cram::cuda
