// Whether an exception, of LibTorch or of C++, means that memory ran out, on a GPU or on the CPU.
// cuBLAS and cuDNN allocate memory of their own beside LibTorch's, when first used in a thread;
// where none is left they report other errors, which are recognised as well.
#pragma once

#include <exception>
#include <string>

#include "cram/model/placement.h"

namespace cram::train {

[[nodiscard]] bool is_out_of_memory(const std::exception& error);

// A hint for where it has run out for good: "choose " + `choices`, and recomputation where the
// model of `placement` keeps its activations.
[[nodiscard]] std::string what_needs_less_memory(const std::string& choices,
                                                 const model::Placement& placement);

// The first line of what an exception says, without LibTorch's backtrace.
[[nodiscard]] std::string first_line(const std::exception& error);

}  // namespace cram::train
