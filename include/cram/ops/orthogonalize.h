// The matrix function inside Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon).
#pragma once

#include <ATen/core/Tensor.h>

namespace cram::ops {

// Replaces each matrix U S V^T of `batch` (fp32 [N, R, C]) by about U V^T, with five Newton-Schulz
// steps of the quintic of Jordan et al. whose products run in `type`. Singular values come out in
// about [0.7, 1.2] unless they are tiny beside the largest; zeros stay zero. [N, R, C] in `type`.
[[nodiscard]] at::Tensor orthogonalize(const at::Tensor& batch, at::ScalarType type);

}  // namespace cram::ops
