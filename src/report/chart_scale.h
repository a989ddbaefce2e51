// One axis of a chart: from values to pixels, and where to put the labels.
#pragma once

#include <string>
#include <vector>

#include "cram/report/svg_chart.h"

namespace cram::report {

struct Tick {
  double pixel;
  std::string label;
};

class ChartScale {
 public:
  // `low` and `high` must be drawable on `axis`; an empty range is widened.
  ChartScale(const Axis& axis, double low, double high, double first_pixel, double last_pixel);

  // Whether a value can stand on such an axis at all.
  [[nodiscard]] static bool is_drawable(const Axis& axis, double value);

  [[nodiscard]] double pixel(double value) const;
  [[nodiscard]] std::vector<Tick> ticks() const;

 private:
  [[nodiscard]] std::vector<double> linear_ticks() const;
  [[nodiscard]] std::vector<double> logarithmic_ticks() const;

  bool logarithmic_;
  double low_, high_;  // of the value, or of its decimal logarithm
  double first_pixel_, last_pixel_;
};

}  // namespace cram::report
