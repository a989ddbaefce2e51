// How the held-out loss depends on the size of a model and on what it has seen.
//
// L(N, D) = E + A / N^alpha + B / D^beta (Hoffmann et al. 2022, arXiv 2203.15556, equation 2): N
// parameters without embeddings, D training tokens. It is of runs at the end of their own budgets:
// in the middle, the learning rate is another one and so is the loss.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace cram::study {

// A finished run.
struct LossPoint {
  double parameters = 0;
  double tokens = 0;
  double loss = 0;
};

class LossLaw {
 public:
  static constexpr std::size_t kUnknowns = 5;
  using Unknowns = std::array<double, kUnknowns>;

  // Minimizes, as they do, the Huber loss of the residuals of log L, from many starts. Throws
  // Error{kUsage} unless there are at least three sizes, three counts of tokens and six points, and
  // Error{kInternal} for numbers that are not finite and positive.
  [[nodiscard]] static LossLaw fit(std::span<const LossPoint> points);
  // The same for points that are a little other than those of this law; starts at it.
  [[nodiscard]] LossLaw refit(std::span<const LossPoint> points) const;

  [[nodiscard]] double loss(double parameters, double tokens) const;
  // log of the measured loss over the law's.
  [[nodiscard]] double residual(const LossPoint& point) const;
  // The sum that fit() minimizes.
  [[nodiscard]] double misfit(std::span<const LossPoint> points) const;

  // The terms as they are at these sizes, which lie in the middle of the points:
  // L = floor + size_term (typical_parameters / N)^size_exponent + ….
  [[nodiscard]] double typical_parameters() const { return typical_parameters_; }
  [[nodiscard]] double typical_tokens() const { return typical_tokens_; }
  [[nodiscard]] double floor() const;
  [[nodiscard]] double size_term() const;
  [[nodiscard]] double size_exponent() const { return unknowns_[2]; }
  [[nodiscard]] double data_term() const;
  [[nodiscard]] double data_exponent() const { return unknowns_[4]; }

 private:
  LossLaw(double typical_parameters, double typical_tokens)
      : typical_parameters_(typical_parameters), typical_tokens_(typical_tokens) {}

  double typical_parameters_, typical_tokens_;
  Unknowns unknowns_{};  // log floor, log size term, its exponent, log data term, its exponent
};

}  // namespace cram::study
