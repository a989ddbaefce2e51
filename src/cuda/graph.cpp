#include "graph.h"

#include <map>

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

namespace cram::cuda {
namespace {

// One for all captures on a device: LibTorch keeps cuBLAS's workspace for each stream for good.
c10::cuda::CUDAStream capture_stream(c10::DeviceIndex device) {
  static std::map<c10::DeviceIndex, c10::cuda::CUDAStream> streams;
  const auto known = streams.find(device);
  if (known != streams.end()) return known->second;
  return streams.emplace(device, c10::cuda::getStreamFromPool(false, device)).first->second;
}

class CapturedGraph : public Graph {
 public:
  CapturedGraph(c10::DeviceIndex device, const std::function<void()>& work) {
    // What earlier passes left in the allocator is of no use to a graph, which takes its memory
    // anew.
    c10::cuda::getCurrentCUDAStream(device).synchronize();
    c10::cuda::CUDACachingAllocator::emptyCache();
    // The default stream cannot be captured.
    const c10::cuda::CUDAStreamGuard side(capture_stream(device));
    graph_.capture_begin();
    try {
      work();
    } catch (const c10::OutOfMemoryError&) {
      graph_.capture_end();  // an allocation that fails leaves the capture whole
      throw;
    }
    graph_.capture_end();
  }

  void launch() override { graph_.replay(); }

 private:
  at::cuda::CUDAGraph graph_;
};

}  // namespace

std::unique_ptr<Graph> capture(int device, const std::function<void()>& work) {
  return std::make_unique<CapturedGraph>(static_cast<c10::DeviceIndex>(device), work);
}

}  // namespace cram::cuda
