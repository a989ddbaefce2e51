// Rows of tables on the CPU; tensors are dense and handled, indices int64.
#pragma once

#include "tensors.h"

namespace cram::ops::cpu {

// [index.numel(), width].
[[nodiscard]] at::Tensor take_rows(const at::Tensor& table, const at::Tensor& index);

// sums[index[i]] += rows[i] for fp32 sums, each in the order of i whatever the number of threads.
void add_rows(const at::Tensor& sums, const at::Tensor& index, const at::Tensor& rows);

// The transpose of take_rows: [count, width] with rows[i] added to row index[i] of zeros.
[[nodiscard]] at::Tensor spread_rows(const at::Tensor& rows, const at::Tensor& index,
                                     std::int64_t count);

// sums[width] += the sum of the rows, in fp32.
void add_column_sums(const at::Tensor& sums, const at::Tensor& rows);

}  // namespace cram::ops::cpu
