// Stands in for a CUDA graph: keeps the work, undone, and does it at each launch.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "cram/cuda/graph.h"

namespace cram::train::test {

class KeptGraph : public cuda::Graph {
 public:
  explicit KeptGraph(std::function<void()> work) : work_(std::move(work)) {}
  void launch() override { work_(); }

 private:
  std::function<void()> work_;
};

inline std::unique_ptr<cuda::Graph> keep_work(std::function<void()> work) {
  return std::make_unique<KeptGraph>(std::move(work));
}

}  // namespace cram::train::test
