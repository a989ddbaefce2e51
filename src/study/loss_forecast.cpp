#include "cram/study/loss_forecast.h"

#include <algorithm>
#include <cmath>

#include "cram/base/random.h"

namespace cram::study {
namespace {

std::vector<double> residuals_of(const LossLaw& law, const std::vector<LossPoint>& points) {
  std::vector<double> residuals;
  for (const LossPoint& point : points) residuals.push_back(law.residual(point));
  // What the law has taken up of the noise is missing in them.
  const auto all = static_cast<double>(points.size());
  const double inflation = std::sqrt(all / (all - LossLaw::kUnknowns));
  for (double& residual : residuals) residual *= inflation;
  return residuals;
}

double root_mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

template <typename T>
const T& any_of(const std::vector<T>& values, Random& random) {
  return values[random.below(static_cast<std::uint32_t>(values.size()))];
}

// Between the two values that are nearest, linearly.
double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

}  // namespace

LossForecast::LossForecast(std::vector<LossPoint> points, std::size_t resamples, std::uint64_t seed)
    : points_(std::move(points)), law_(LossLaw::fit(points_)) {
  const std::vector<double> residuals = residuals_of(law_, points_);
  noise_ = root_mean_square(residuals);
  for (std::size_t i = 0; i < resamples; ++i) {
    Random random(seed, RandomStream::kBootstrap, i);
    std::vector<LossPoint> drawn;
    for (std::size_t j = 0; j < points_.size(); ++j) drawn.push_back(any_of(points_, random));
    laws_.push_back(law_.refit(drawn));
    const double sign = random.below(2) == 0 ? 1 : -1;
    strays_.push_back(std::exp(sign * any_of(residuals, random)));
  }
}

Interval LossForecast::loss(double parameters, double tokens) const {
  std::vector<double> losses = resampled(parameters, tokens);
  for (std::size_t i = 0; i < losses.size(); ++i) losses[i] *= strays_[i];
  std::sort(losses.begin(), losses.end());
  const double outside = (1 - kConfidence) / 2;
  return {law_.loss(parameters, tokens), quantile(losses, outside), quantile(losses, 1 - outside)};
}

std::vector<double> LossForecast::resampled(double parameters, double tokens) const {
  std::vector<double> losses;
  for (const LossLaw& law : laws_) losses.push_back(law.loss(parameters, tokens));
  return losses;
}

}  // namespace cram::study
