// The operations that our GPU kernels serve, at a model's shapes, for comparing and timing them.
#pragma once

#include <functional>
#include <vector>

#include <ATen/core/Tensor.h>

#include "cram/model/size.h"
#include "cram/ops/gpu_kernels.h"
#include "cram/recipe/recipe.h"

namespace cram::train {

struct BenchShape {
  const recipe::Model& model;
  model::Shape shape;
  c10::Device device;
  std::int64_t tokens;  // a quarter of them masked
  double z_loss = 0;
};

// Forward and backward: outputs and gradients. Those of weights add up from call to call, and the
// tensors returned change with them.
using Pass = std::function<std::vector<at::Tensor>()>;

// A pass in any type; of the same operation always over the same numbers.
using Operation = std::function<Pass(at::ScalarType)>;

[[nodiscard]] Operation bench_operation(ops::GpuKernel kernel, const BenchShape& shape);

// What one pass takes, the best of a few rounds, after one that warms up.
[[nodiscard]] double milliseconds(const Pass& pass, int rounds = 3, int calls_in_round = 5);

// Of all of a tensor, in norms.
[[nodiscard]] double relative_error(const at::Tensor& value, const at::Tensor& expected);

// How much faster something must be to be taken: by more than a measurement's noise.
inline constexpr double kWorthwhile = 1.03;

}  // namespace cram::train
