// Robust nonlinear least squares: Levenberg and Marquardt's method on the Huber loss.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <span>
#include <utility>

namespace cram::study {

// A residual and its derivatives.
template <std::size_t N>
struct Residual {
  double value = 0;
  std::array<double, N> slopes{};
};

// Quadratic up to `width`, linear behind it; half the square of small residuals.
inline double huber(double residual, double width) {
  const double size = std::abs(residual);
  return size <= width ? size * size / 2 : width * (size - width / 2);
}

// Cholesky's decomposition of a symmetric matrix, in place, below the diagonal and on it. Returns
// whether the matrix is positive definite.
template <std::size_t N>
bool decompose(std::array<std::array<double, N>, N>& a) {
  for (std::size_t i = 0; i < N; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i][j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
      if (i == j && !(sum > 0)) return false;
      a[i][j] = i == j ? std::sqrt(sum) : sum / a[j][j];
    }
  }
  return true;
}

// Solves l l' x = b for what decompose() made, in place.
template <std::size_t N>
void substitute(const std::array<std::array<double, N>, N>& l, std::array<double, N>& b) {
  for (std::size_t i = 0; i < N; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= l[i][k] * b[k];
    b[i] /= l[i][i];
  }
  for (std::size_t i = N; i-- > 0;) {
    for (std::size_t k = i + 1; k < N; ++k) b[i] -= l[k][i] * b[k];
    b[i] /= l[i][i];
  }
}

// Finds unknowns within bounds where the sum of the residuals' Huber losses is smallest, near a
// start.
template <std::size_t N>
class LeastSquares {
 public:
  using Unknowns = std::array<double, N>;
  // The residual of each observation.
  using Model = std::function<Residual<N>(const Unknowns&, std::size_t observation)>;

  LeastSquares(Model model, std::size_t observations, double width,
               std::array<std::pair<double, double>, N> bounds)
      : model_(std::move(model)), observations_(observations), width_(width), bounds_(bounds) {}

  [[nodiscard]] double cost(const Unknowns& unknowns) const {
    double sum = 0;
    for (std::size_t i = 0; i < observations_; ++i) sum += huber(model_(unknowns, i).value, width_);
    return sum;
  }

  [[nodiscard]] Unknowns minimize(Unknowns at) const {
    double cost_here = cost(at), damping = 1e-3;
    for (int i = 0; i < kMostSteps && damping < 1e12; ++i) {
      const Unknowns next = step(at, damping);
      const double cost_there = cost(next);
      if (cost_there < cost_here) {
        const bool has_arrived = cost_here - cost_there <= 1e-9 * cost_here;
        at = next;
        cost_here = cost_there;
        damping = std::max(damping / 5, 1e-12);
        if (has_arrived) break;
      } else {
        damping *= 4;
      }
    }
    return at;
  }

 private:
  static constexpr int kMostSteps = 300;
  using Matrix = std::array<std::array<double, N>, N>;

  [[nodiscard]] Unknowns step(const Unknowns& at, double damping) const {
    Matrix curvature{};
    Unknowns change{};
    for (std::size_t i = 0; i < observations_; ++i) add(model_(at, i), curvature, change);
    for (std::size_t i = 0; i < N; ++i) {
      if (is_held(at[i], change[i], bounds_[i])) hold(i, curvature, change);
      curvature[i][i] += damping * curvature[i][i] + 1e-15;
    }
    if (!decompose(curvature)) return at;
    substitute(curvature, change);
    Unknowns next = at;
    for (std::size_t i = 0; i < N; ++i) {
      next[i] = std::clamp(at[i] + change[i], bounds_[i].first, bounds_[i].second);
    }
    return next;
  }

  // To the normal equations, weighted so that the quadratic has the slope of the Huber loss.
  void add(const Residual<N>& residual, Matrix& curvature, Unknowns& descent) const {
    const double size = std::abs(residual.value);
    const double weight = size <= width_ ? 1 : width_ / size;
    for (std::size_t i = 0; i < N; ++i) {
      descent[i] -= weight * residual.slopes[i] * residual.value;
      for (std::size_t j = 0; j < N; ++j) {
        curvature[i][j] += weight * residual.slopes[i] * residual.slopes[j];
      }
    }
  }

  // Whether it is at a bound and would go beyond.
  static bool is_held(double value, double descent, const std::pair<double, double>& bounds) {
    return (value <= bounds.first && descent < 0) || (value >= bounds.second && descent > 0);
  }

  static void hold(std::size_t i, Matrix& curvature, Unknowns& change) {
    for (std::size_t j = 0; j < N; ++j) curvature[i][j] = curvature[j][i] = 0;
    curvature[i][i] = 1;
    change[i] = 0;
  }

  Model model_;
  std::size_t observations_;
  double width_;
  std::array<std::pair<double, double>, N> bounds_;
};

}  // namespace cram::study
