// A line chart as a piece of SVG to put into an HTML page.
//
// Colours and fonts come from the page's style sheet: lines and dots carry the classes "series-0",
// "series-1", …; axes and grid "grid", labels "label".
#pragma once

#include <string>
#include <vector>

namespace cram::report {

struct Point {
  double x = 0, y = 0;
};

struct Series {
  std::string name;
  std::vector<Point> points;  // x must not decrease
  enum class Mark { kLine, kDots } mark = Mark::kLine;
};

struct Axis {
  std::string label;
  enum class Scale { kLinear, kLogarithmic } scale = Scale::kLinear;
};

struct Chart {
  std::string title;
  Axis x, y;
  std::vector<Series> series;
};

// Points with a coordinate that is not finite, absurdly large or, on a logarithmic axis, not
// positive are left out. Long lines are drawn as the mean over each pixel column with a band from
// the smallest to the largest value. Dots have a tooltip. Without two different points to draw,
// the chart says that there is no data yet.
[[nodiscard]] std::string svg_chart(const Chart& chart);

// Charts under their titles, side by side where there is room: a piece of HTML.
[[nodiscard]] std::string html_charts(const std::vector<Chart>& charts);

}  // namespace cram::report
