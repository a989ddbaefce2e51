#include "cram/report/svg_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

#include "cram/report/html_page.h"

#include "chart_scale.h"

namespace cram::report {
namespace {

constexpr double kWidth = 760, kHeight = 300;
constexpr double kLeft = 64, kRight = kWidth - 12, kTop = 24, kBottom = kHeight - 46;

template <class... Values>
std::string print(const char* format, Values... values) {
  std::array<char, 256> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, values...);
  return buffer.data();
}

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  [[nodiscard]] bool is_empty() const { return low > high; }
};

// All points of one pixel column.
struct Column {
  double x = 0, sum = 0;  // x and the mean in pixels
  std::size_t count = 0;
  Range range = {};

  [[nodiscard]] double mean() const { return sum / static_cast<double>(count); }
};

// The frame of a chart: both scales and what can be drawn on them.
class Canvas {
 public:
  // Nothing when all points fall together or there are none.
  static std::optional<Canvas> fit(const Chart& chart) {
    Range x, y;
    for (const Series& series : chart.series) {
      for (const Point& point : drawable(chart, series)) {
        x.add(point.x);
        y.add(point.y);
      }
    }
    if (x.is_empty() || x.low == x.high) return std::nullopt;
    return Canvas(chart, x, y);
  }

  static std::vector<Point> drawable(const Chart& chart, const Series& series) {
    std::vector<Point> points;
    std::copy_if(series.points.begin(), series.points.end(), std::back_inserter(points),
                 [&](const Point& point) {
                   return ChartScale::is_drawable(chart.x, point.x) &&
                          ChartScale::is_drawable(chart.y, point.y);
                 });
    return points;
  }

  [[nodiscard]] Point pixel(const Point& point) const {
    return {x_.pixel(point.x), y_.pixel(point.y)};
  }
  [[nodiscard]] const ChartScale& x() const { return x_; }
  [[nodiscard]] const ChartScale& y() const { return y_; }

 private:
  Canvas(const Chart& chart, const Range& x, const Range& y)
      : x_(chart.x, x.low, x.high, kLeft, kRight), y_(chart.y, y.low, y.high, kBottom, kTop) {}

  ChartScale x_, y_;
};

std::string grid(const Canvas& canvas) {
  std::string svg = "<g class=\"grid\">\n";
  std::string labels = "<g class=\"label\">\n";
  for (const Tick& tick : canvas.y().ticks()) {
    svg += print("<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\"/>\n", kLeft, kRight,
                 tick.pixel, tick.pixel);
    labels += print("<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", kLeft - 6,
                    tick.pixel + 4, tick.label.c_str());
  }
  for (const Tick& tick : canvas.x().ticks()) {
    svg += print("<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.0f\" y2=\"%.0f\"/>\n", tick.pixel,
                 tick.pixel, kBottom, kBottom + 4);
    labels += print("<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">%s</text>\n", tick.pixel,
                    kBottom + 18, tick.label.c_str());
  }
  return svg + "</g>\n" + labels + "</g>\n";
}

std::string axis_names(const Chart& chart) {
  return print("<g class=\"label\"><text x=\"%.0f\" y=\"%.0f\" text-anchor=\"end\">", kRight,
               kHeight - 8) +
         html_text(chart.x.label) + print("</text><text x=\"%.0f\" y=\"12\">", kLeft) +
         html_text(chart.y.label) + "</text></g>\n";
}

// The style sheet knows so many colours.
std::size_t color(std::size_t number) { return number % 10; }

std::vector<Column> columns_of(const Canvas& canvas, const std::vector<Point>& points) {
  std::vector<Column> columns;
  for (const Point& point : points) {
    const Point pixel = canvas.pixel(point);
    if (columns.empty() || pixel.x - columns.back().x >= 1) columns.push_back({.x = pixel.x});
    Column& column = columns.back();
    column.sum += pixel.y;
    ++column.count;
    column.range.add(pixel.y);
  }
  return columns;
}

std::string line(const std::vector<Column>& columns, std::size_t number) {
  std::string path, upper, lower;
  bool has_band = false;
  for (const Column& column : columns) {
    path += print("%s%.1f %.1f", path.empty() ? "M" : "L", column.x, column.mean());
    upper += print("%s%.1f %.1f", upper.empty() ? "M" : "L", column.x, column.range.low);
    lower.insert(0, print("L%.1f %.1f", column.x, column.range.high));
    has_band = has_band || column.count > 1;
  }
  const std::string css = print("series-%zu", color(number));
  std::string svg;
  if (has_band) svg = "<path class=\"band " + css + "\" d=\"" + upper + lower + "Z\"/>\n";
  return svg + "<path class=\"line " + css + "\" d=\"" + path + "\"/>\n";
}

std::string dots(const Canvas& canvas, const std::vector<Point>& points, std::size_t number) {
  std::string svg;
  for (const Point& point : points) {
    const Point pixel = canvas.pixel(point);
    svg += print("<circle class=\"dot series-%zu\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\">", color(number),
                 pixel.x, pixel.y) +
           print("<title>%.6g: %.5g</title></circle>\n", point.x, point.y);
  }
  return svg;
}

// The name of a series, its dot at (x, y).
std::string legend_entry(const std::string& name, std::size_t number, double x, double y) {
  return print("<circle class=\"dot series-%zu\" cx=\"%.0f\" cy=\"%.0f\" r=\"4\"/>", color(number),
               x, y) +
         print("<text x=\"%.0f\" y=\"%.0f\">", x + 8, y + 4) + html_text(name) + "</text>\n";
}

double legend_width(const Series& series) {
  return 7.0 * static_cast<double>(series.name.size()) + 24;
}

// Above the chart, or, where there is no room, one below the other in its upper right corner.
std::string legend(const Chart& chart) {
  if (chart.series.size() < 2) return "";
  double all = 0, widest = 0;
  for (const Series& series : chart.series) {
    all += legend_width(series);
    widest = std::max(widest, legend_width(series));
  }
  const bool stacked = all > (kRight - kLeft) * 0.6;
  std::string svg = "<g class=\"label\">\n";
  double x = kRight - (stacked ? widest : all), y = stacked ? kTop + 12 : 8;
  for (std::size_t number = 0; number < chart.series.size(); ++number) {
    svg += legend_entry(chart.series[number].name, number, x, y);
    (stacked ? y : x) += stacked ? 15 : legend_width(chart.series[number]);
  }
  return svg + "</g>\n";
}

std::string series(const Chart& chart, const Canvas& canvas) {
  std::string svg;
  for (std::size_t number = 0; number < chart.series.size(); ++number) {
    const Series& series = chart.series[number];
    const std::vector<Point> points = Canvas::drawable(chart, series);
    svg += series.mark == Series::Mark::kDots ? dots(canvas, points, number)
                                              : line(columns_of(canvas, points), number);
  }
  return svg;
}

}  // namespace

std::string svg_chart(const Chart& chart) {
  std::string svg =
      print("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"", kWidth, kHeight) +
      html_text(chart.title) + "\">\n";
  if (const std::optional<Canvas> canvas = Canvas::fit(chart)) {
    svg += grid(*canvas) + axis_names(chart) + series(chart, *canvas) + legend(chart);
  } else {
    svg += print(
        "<text class=\"label\" x=\"%.0f\" y=\"%.0f\" text-anchor=\"middle\">"
        "no data yet</text>\n",
        kWidth / 2, kHeight / 2);
  }
  return svg + "</svg>\n";
}

std::string html_charts(const std::vector<Chart>& charts) {
  std::string html = "<div class=\"charts\">\n";
  for (const Chart& chart : charts) {
    html += "<figure><figcaption>" + html_text(chart.title) + "</figcaption>\n" + svg_chart(chart) +
            "</figure>\n";
  }
  return html + "</div>\n";
}

}  // namespace cram::report
