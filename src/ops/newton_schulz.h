// The steps of orthogonalize(), whatever computes them.
#pragma once

namespace cram::ops::newton_schulz {

inline constexpr int kSteps = 5;
// X becomes a X + b X X^T X + c (X X^T)^2 X.
inline constexpr double kA = 3.4445, kB = -4.7750, kC = 2.0315;
// Norms count as at least this, so that zeros stay zero.
inline constexpr double kSmallestNorm = 1e-20;

}  // namespace cram::ops::newton_schulz
