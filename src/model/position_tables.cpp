#include "position_tables.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/stack.h>

namespace cram::model {
namespace {

// position * base^(-2i/size) for i < size/2, in double precision: [length, size / 2].
at::Tensor angles(std::int64_t length, std::int64_t size, double base) {
  const at::Tensor exponents = at::arange(0, size, 2, at::kDouble).div(static_cast<double>(-size));
  return at::outer(at::arange(length, at::kDouble), at::pow(base, exponents));
}

}  // namespace

at::Tensor sinusoidal_table(std::int64_t length, std::int64_t hidden) {
  const at::Tensor angle = angles(length, hidden, 10000.0);
  return at::stack({angle.sin(), angle.cos()}, -1).reshape({length, hidden}).to(at::kFloat);
}

RotaryTable rotary_table(std::int64_t length, std::int64_t head_size, double base) {
  const at::Tensor angle = angles(length, head_size, base);
  return {angle.cos().to(at::kFloat), angle.sin().to(at::kFloat)};
}

}  // namespace cram::model
