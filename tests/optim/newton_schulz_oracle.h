// Muon's orthogonalisation by its definition.
#pragma once

#include <ATen/core/Tensor.h>

namespace cram::optim {

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

inline double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return a.to(at::kDouble).sub(b.to(at::kDouble)).abs().max().item<double>();
}

}  // namespace cram::optim
