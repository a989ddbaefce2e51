#include "cram/train/out_of_memory.h"

#include <string_view>

#include <c10/util/Exception.h>

namespace cram::train {

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  // The CPU's allocator has no exception of its own.
  return std::string_view(error.what()).find("DefaultCPUAllocator") != std::string_view::npos;
}

}  // namespace cram::train
