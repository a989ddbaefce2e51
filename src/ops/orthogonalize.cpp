#include "cram/ops/orthogonalize.h"

#include <ATen/ops/baddbmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/linalg_vector_norm.h>

#include "cpu/orthogonalize.h"
#include "newton_schulz.h"

namespace cram::ops {

at::Tensor orthogonalize(const at::Tensor& batch, at::ScalarType type) {
  using namespace newton_schulz;
  const auto norms = at::linalg_vector_norm(batch.flatten(1), 2, 1).clamp_min_(kSmallestNorm);
  if (cpu::orthogonalizes(batch, type)) return cpu::orthogonalize(batch, norms);
  const bool tall = batch.size(1) > batch.size(2);
  auto x = batch.div(norms.view({-1, 1, 1})).to(type);
  if (tall) x = x.transpose(1, 2);  // products of the shorter side are the cheaper ones
  for (int step = 0; step < kSteps; ++step) {
    const auto square = at::bmm(x, x.transpose(1, 2));
    const auto polynomial = at::baddbmm(square, square, square, kB, kC);
    x = at::baddbmm(x, polynomial, x, kA, 1.0);
  }
  return tall ? x.transpose(1, 2) : x;
}

}  // namespace cram::ops
