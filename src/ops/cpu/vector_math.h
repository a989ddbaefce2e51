// The elementary functions of the kernels, on vectors (see vector.h).
#pragma once

#include "vector.h"

namespace cram::ops::cpu::CRAM_LEVEL {

// e^x with a relative error below 2e-7, 0 where that is below 2^-126, at most 2^127. NaN stays NaN.
// The coefficients are those of the Cephes library (Moshier). 0 rather than the smallest number:
// what is multiplied with that is denormal, and such products take a hundred times as long.
CRAM_INLINE Floats exponential(Floats x) {
  constexpr float kRoundingShift = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  constexpr float kLowest = -87.33654f;
  const auto vanishes = x < kLowest;
  x = smaller(splat(88.02969f), larger(splat(kLowest), x));
  const Floats shifted = x * 1.44269504f + kRoundingShift;
  const Floats n = shifted - kRoundingShift;
  // ln 2 in two parts, the first short enough for n times it to be exact.
  const Floats r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  Floats p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const Words exponent = (reinterpret_cast<Words>(shifted) - 0x4b400000u + 127u) << 23;
  return vanishes ? Floats{} : p * reinterpret_cast<Floats>(exponent);
}

// One instruction: the compiler joins the lanes.
CRAM_INLINE Floats square_root(Floats x) {
  float lanes[kLanes];
  std::memcpy(lanes, &x, sizeof lanes);
  for (int i = 0; i < kLanes; ++i) lanes[i] = __builtin_sqrtf(lanes[i]);
  std::memcpy(&x, lanes, sizeof x);
  return x;
}

CRAM_INLINE Floats sigmoid(Floats x) { return 1.0f / (1.0f + exponential(-x)); }

// tanh with a relative error below 3e-7; near 0 Cephes's polynomial.
CRAM_INLINE Floats hyperbolic_tangent(Floats x) {
  const Floats size = magnitude(x);
  const Floats large = 1.0f - 2.0f / (exponential(size + size) + 1.0f);
  const Floats square = x * x;
  Floats p = splat(-5.70498872745e-3f);
  p = p * square + 2.06390887954e-2f;
  p = p * square - 5.37397155531e-2f;
  p = p * square + 1.33314422036e-1f;
  p = p * square - 3.33332819422e-1f;
  const Floats small = p * square * x + x;
  const Floats signed_large = x < 0 ? -large : large;
  return size < 0.625f ? small : signed_large;
}

}  // namespace cram::ops::cpu::CRAM_LEVEL
