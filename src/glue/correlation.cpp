#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

#include "cram/glue/metrics.h"

#include "same_size.h"

namespace cram::glue {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

bool is_constant(std::span<const double> values) {
  return std::ranges::all_of(values, [&](double value) { return value == values.front(); });
}

void subtract_mean(std::vector<double>& values) {
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  for (double& value : values) value -= mean;
}

// The values less their mean, in a unit that is a power of two and keeps their squares far from
// overflow and underflow. They are not all 0.
std::vector<double> centred(std::span<const double> values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  const int exponent = std::ilogb(largest);
  std::vector<double> scaled(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) scaled[i] = std::scalbn(values[i], -exponent);
  subtract_mean(scaled);
  subtract_mean(scaled);  // what rounding left of the mean
  return scaled;
}

double dot(const std::vector<double>& one, const std::vector<double>& other) {
  return std::inner_product(one.begin(), one.end(), other.begin(), 0.0);
}

std::vector<double> mean_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double rank = static_cast<double>(begin + end - 1) / 2;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = rank;
  }
  return ranks;
}

}  // namespace

double pearson(std::span<const double> predicted, std::span<const double> truth) {
  require_same_size(predicted.size(), truth.size());
  const auto is_finite = [](double value) { return std::isfinite(value); };
  if (!std::ranges::all_of(predicted, is_finite) || !std::ranges::all_of(truth, is_finite)) {
    return kNan;
  }
  if (is_constant(predicted) || is_constant(truth)) return 0;
  const std::vector<double> one = centred(predicted), other = centred(truth);
  const double scale = std::sqrt(dot(one, one)) * std::sqrt(dot(other, other));
  return scale == 0 ? 0 : std::clamp(dot(one, other) / scale, -1.0, 1.0);
}

double spearman(std::span<const double> predicted, std::span<const double> truth) {
  require_same_size(predicted.size(), truth.size());
  const auto is_nan = [](double value) { return std::isnan(value); };
  if (std::ranges::any_of(predicted, is_nan) || std::ranges::any_of(truth, is_nan)) return kNan;
  return pearson(mean_ranks(predicted), mean_ranks(truth));
}

}  // namespace cram::glue
