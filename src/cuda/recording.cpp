// Work recorded as a CUDA graph.
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "kernel_list.h"

namespace cram::cuda {
namespace {

class Graph : public RecordedWork {
 public:
  Graph(c10::DeviceIndex device, const std::function<void()>& work) {
    // What earlier passes left in the allocator would be of no use to a recording, which takes its
    // memory anew.
    c10::cuda::getCurrentCUDAStream(device).synchronize();
    c10::cuda::CUDACachingAllocator::emptyCache();
    // The default stream cannot be recorded.
    const c10::cuda::CUDAStreamGuard side(c10::cuda::getStreamFromPool(false, device));
    graph_.capture_begin();
    try {
      work();
    } catch (...) {
      abandon();
      throw;
    }
    graph_.capture_end();
  }

  void launch() override { graph_.replay(); }

 private:
  // Ends the recording, which may be broken already; what broke it is the error to tell.
  void abandon() noexcept {
    try {
      graph_.capture_end();
    } catch (const c10::Error&) {
    }
  }

  at::cuda::CUDAGraph graph_;
};

}  // namespace

std::unique_ptr<RecordedWork> record(int device, const std::function<void()>& work) {
  return std::make_unique<Graph>(static_cast<c10::DeviceIndex>(device), work);
}

}  // namespace cram::cuda
