// Whether an exception, of LibTorch or of C++, means that memory ran out, on a GPU or on the CPU.
// cuBLAS and cuDNN take memory of their own beside LibTorch's, when first used in a thread; where
// none is left for that they fail in ways of their own, which count as well.
#pragma once

#include <exception>

namespace cram::train {

[[nodiscard]] bool is_out_of_memory(const std::exception& error);

}  // namespace cram::train
