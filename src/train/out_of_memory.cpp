#include "cram/train/out_of_memory.h"

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

#include <c10/util/Exception.h>

namespace cram::train {
namespace {

// What stands in the messages of errors that have no class of their own. The last is the place
// where cuDNN is set up, which reports want of memory as an internal error.
constexpr std::array<std::string_view, 6> kMarks{
    "DefaultCPUAllocator",           "CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED",
    "CUBLAS_STATUS_NOT_INITIALIZED", "CUDNN_STATUS_ALLOC_FAILED", "createCuDNNHandle",
};

}  // namespace

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  const std::string_view message = error.what();
  return std::any_of(kMarks.begin(), kMarks.end(), [&](std::string_view mark) {
    return message.find(mark) != std::string_view::npos;
  });
}

}  // namespace cram::train
