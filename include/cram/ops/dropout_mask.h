// Which elements dropout keeps in the CPU kernels: a pure function of a seed and of an element's
// row and column. So masks are never stored, backward computes them again, and they do not depend
// on the number of threads.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace cram::ops {

struct DropoutMask {
  std::uint64_t seed = 0;
  double p = 0;  // the share that is dropped, from 0 to below 1; 0: there is no mask
};

// With a seed from ATen's generator for CPUs, which a p of 0 leaves alone.
[[nodiscard]] DropoutMask draw_dropout_mask(double p);

// The masks as bool tensors, true where kept, element by element: for twins and for what has no
// kernel. [rows, columns].
[[nodiscard]] at::Tensor kept_elements(const DropoutMask& mask, std::int64_t rows,
                                       std::int64_t columns);

// Of attention weights: [B, heads, S, S], a mask of its own for each head of each sequence, the
// same whatever S is.
struct AttentionSizes {
  std::int64_t batch, heads, length;
};
[[nodiscard]] at::Tensor kept_weights(const DropoutMask& mask, const AttentionSizes& sizes);

}  // namespace cram::ops
