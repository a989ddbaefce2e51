#include "cram/train/out_of_memory.h"

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

#include <c10/util/Exception.h>

namespace cram::train {
namespace {

// Substrings of the messages of errors that have no class of their own. cuDNN reports an internal
// error where it cannot allocate its handle, so the function that creates it must be named as well.
struct Mark {
  std::string_view error, place;
};
constexpr std::array<Mark, 5> kMarks{{
    {"DefaultCPUAllocator", ""},
    {"CUDA error: out of memory", ""},
    {"CUBLAS_STATUS_ALLOC_FAILED", ""},
    {"CUDNN_STATUS_ALLOC_FAILED", ""},
    {"CUDNN_STATUS_INTERNAL_ERROR", "createCuDNNHandle"},
}};

}  // namespace

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  const std::string_view message = error.what();
  return std::any_of(kMarks.begin(), kMarks.end(), [&](const Mark& mark) {
    return message.find(mark.error) != std::string_view::npos &&
           message.find(mark.place) != std::string_view::npos;
  });
}

std::string what_needs_less_memory(const std::string& choices, const model::Placement& placement) {
  const std::string_view again = ", or device.recompute_activations=true";
  return "choose " + choices + std::string(placement.recompute_activations ? "" : again);
}

std::string first_line(const std::exception& error) {
  const auto* of_torch = dynamic_cast<const c10::Error*>(&error);
  const std::string message =
      of_torch != nullptr ? of_torch->what_without_backtrace() : error.what();
  return message.substr(0, message.find('\n'));
}

}  // namespace cram::train
