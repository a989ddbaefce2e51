#include "cram/train/out_of_memory.h"

#include <new>
#include <string_view>

#include <c10/util/Exception.h>

namespace cram::train {

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  // LibTorch's allocator for CPUs has no exception of its own.
  return std::string_view(error.what()).find("DefaultCPUAllocator") != std::string_view::npos;
}

}  // namespace cram::train
