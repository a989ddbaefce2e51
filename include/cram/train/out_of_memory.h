// Whether an exception, of LibTorch or of C++, means that memory ran out, on a GPU or on the CPU.
#pragma once

#include <exception>

namespace cram::train {

[[nodiscard]] bool is_out_of_memory(const std::exception& error);

}  // namespace cram::train
