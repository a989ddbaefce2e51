// Muon's orthogonalisation on the CPU in fp32, a matrix at a time on each thread. All steps
// multiply X from the left (or the right, where it is tall) by polynomials of the first X X^T (or
// X^T X). So they are taken on these small symmetric matrices, which commute and of whose products
// half is enough, and X is multiplied twice: by what the first steps come to, and by what the
// others do.
#pragma once

#include "tensors.h"

namespace cram::ops::cpu {

// Whether this version does it for a batch [N, R, C]: in fp32, with a matrix at least for each
// thread.
[[nodiscard]] bool orthogonalizes(const at::Tensor& batch, at::ScalarType type);

// norms: of each matrix, [N], above 0.
[[nodiscard]] at::Tensor orthogonalize(const at::Tensor& batch, const at::Tensor& norms);

}  // namespace cram::ops::cpu
