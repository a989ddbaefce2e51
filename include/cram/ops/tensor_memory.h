// Where CPU tensors get their memory from; without LibTorch's headers, for main().
#pragma once

namespace cram::ops {

// From a BlockCache, from now on and until the process ends. Only main() calls it, before the first
// tensor.
void keep_tensor_memory();

// Gives back what no tensor uses, where memory is kept.
void give_tensor_memory_back();

}  // namespace cram::ops
