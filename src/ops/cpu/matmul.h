// bf16 matrix products of linear layers on the CPU, with fp32 sums throughout: where blocks of the
// operands are packed once and the matrix units kept busy, this is faster than ATen's products,
// which round and move more. fp32 products are best left to ATen. Tensors are dense.
#pragma once

#include "tensors.h"

namespace cram::ops::cpu {

// Whether products of such tensors are better done here.
[[nodiscard]] bool multiplies(const at::Tensor& x, const at::Tensor& weight);

// x [rows, in] W^T + b for W [out, in] and b [out] in fp32 or undefined: [rows, out].
[[nodiscard]] at::Tensor multiply_transposed(const at::Tensor& x, const at::Tensor& weight,
                                             const at::Tensor& bias);

// y [rows, out] W for W [out, in]: [rows, in].
[[nodiscard]] at::Tensor multiply_plain(const at::Tensor& y, const at::Tensor& weight);

// sum [out, in] += y^T x for y [rows, out] and x [rows, in], in fp32.
void add_transposed_product(const at::Tensor& sum, const at::Tensor& y, const at::Tensor& x);

}  // namespace cram::ops::cpu
