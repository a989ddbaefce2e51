#include "chart_scale.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "cram/base/units.h"

namespace cram::report {
namespace {

constexpr double kLargest = 1e15;
constexpr double kSmallest = 1e-15;
constexpr double kTicksWanted = 6;

// The smallest of 1, 2, 5 times a power of ten that is not below `rough`.
double nice_step(double rough) {
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) return factor * power;
  }
  return 10 * power;
}

std::string tick_label(double value) {
  if (std::abs(value) >= 10'000) return format_short(value);
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.6g", value);
  return buffer.data();
}

}  // namespace

ChartScale::ChartScale(const Axis& axis, double low, double high, double first_pixel,
                       double last_pixel)
    : logarithmic_(axis.scale == Axis::Scale::kLogarithmic),
      low_(logarithmic_ ? std::log10(low) : low),
      high_(logarithmic_ ? std::log10(high) : high),
      first_pixel_(first_pixel),
      last_pixel_(last_pixel) {
  const double magnitude = std::max(std::abs(low_), std::abs(high_));
  const double least_span = std::max(magnitude * 1e-6, kSmallest);
  if (high_ - low_ < least_span) {
    const double padding = magnitude > 0 ? magnitude * 0.05 : 0.5;
    low_ -= padding;
    high_ += padding;
  }
}

bool ChartScale::is_drawable(const Axis& axis, double value) {
  if (!std::isfinite(value) || std::abs(value) > kLargest) return false;
  return axis.scale == Axis::Scale::kLinear || value >= kSmallest;
}

double ChartScale::pixel(double value) const {
  const double place = ((logarithmic_ ? std::log10(value) : value) - low_) / (high_ - low_);
  return first_pixel_ + place * (last_pixel_ - first_pixel_);
}

std::vector<double> ChartScale::linear_ticks() const {
  const double step = nice_step((high_ - low_) / kTicksWanted);
  std::vector<double> values;
  // Multiples of the step, not a running sum, which would drift.
  for (double multiple = std::ceil(low_ / step); multiple * step <= high_; ++multiple) {
    values.push_back(multiple * step);
  }
  return values;
}

std::vector<double> ChartScale::logarithmic_ticks() const {
  const int stride = 1 + static_cast<int>((high_ - low_) / kTicksWanted);
  std::vector<double> values;
  for (int power = static_cast<int>(std::floor(low_)); power <= high_; power += stride) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double value = factor * std::pow(10, power);
      const bool fits = std::log10(value) >= low_ && std::log10(value) <= high_;
      if (fits && (factor == 1.0 || high_ - low_ < 3)) values.push_back(value);
    }
  }
  return values;
}

std::vector<Tick> ChartScale::ticks() const {
  std::vector<Tick> ticks;
  for (const double value : logarithmic_ ? logarithmic_ticks() : linear_ticks()) {
    ticks.push_back({pixel(value), tick_label(value)});
  }
  return ticks;
}

}  // namespace cram::report
