// What the versions of a norm take and give. Statistics are [rows, 2] in fp32: mean and
// 1 / deviation.
#pragma once

#include <ATen/core/Tensor.h>

namespace cram::ops {

struct NormResult {
  at::Tensor normed, statistics;
};

struct ResidualNormResult {
  at::Tensor sum, normed, statistics;
};

struct NormGradients {
  at::Tensor normed;
  at::Tensor direct;  // what reaches x past the norm, or undefined
};

// Of the two that made a sum.
struct ResidualGradients {
  at::Tensor residual, x;
};

}  // namespace cram::ops
