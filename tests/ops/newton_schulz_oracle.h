// Muon's orthogonalisation by its definition.
#pragma once

#include <ATen/core/Tensor.h>

namespace cram::ops::test {

// One matrix at a time and in double precision, as Jordan et al. write it.
inline at::Tensor newton_schulz_oracle(const at::Tensor& matrix) {
  at::Tensor x = matrix.to(at::kDouble);
  const bool tall = x.size(0) > x.size(1);
  if (tall) x = x.t();
  x = x.div(x.norm().item<double>());
  for (int step = 0; step < 5; ++step) {
    const auto a = x.mm(x.t());
    const auto b = a.mul(-4.7750).add(a.mm(a).mul(2.0315));
    x = x.mul(3.4445).add(b.mm(x));
  }
  return tall ? x.t() : x;
}

}  // namespace cram::ops::test
