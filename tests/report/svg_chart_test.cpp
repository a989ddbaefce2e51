#include "cram/report/svg_chart.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "markup_check.h"

namespace cram::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Chart chart_of(std::vector<Point> points) {
  return {"A title", {"time"}, {"loss"}, {{"training", std::move(points)}}};
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

TEST(SvgChart, DrawsALineFromCornerToCorner) {
  const std::string svg = svg_chart(chart_of({{0, 0}, {5, 5}, {10, 10}}));
  MarkupCheck::check(svg);
  EXPECT_THAT(svg, HasSubstr("d=\"M64.0 254.0L406.0 139.0L748.0 24.0\""));
  EXPECT_THAT(svg, HasSubstr(">10</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("band")));
}

TEST(SvgChart, PutsTicksOnRoundNumbers) {
  const std::string svg = svg_chart(chart_of({{0, 2.31}, {3600, 10.4}}));
  for (const char* label : {">4</text>", ">6</text>", ">8</text>", ">10</text>", ">1000</text>"}) {
    EXPECT_THAT(svg, HasSubstr(label));
  }
}

TEST(SvgChart, SpacesALogarithmicAxisByFactors) {
  Chart chart = chart_of({{1e3, 1}, {1e4, 2}, {1e5, 3}});
  chart.x.scale = Axis::Scale::kLogarithmic;
  EXPECT_THAT(svg_chart(chart), HasSubstr("d=\"M64.0 254.0L406.0 139.0L748.0 24.0\""));
  EXPECT_THAT(svg_chart(chart), HasSubstr(">100 k</text>"));
}

TEST(SvgChart, KeepsThePageSmallAndShowsTheSpreadOfLongLines) {
  std::vector<Point> points;
  for (int i = 0; i < 200'000; ++i) points.push_back({i * 1.0, i % 2 == 0 ? 1.0 : 3.0});
  const std::string svg = svg_chart(chart_of(points));
  MarkupCheck::check(svg);
  EXPECT_LT(svg.size(), 60'000U);
  EXPECT_THAT(svg, HasSubstr("class=\"band series-0\""));
}

TEST(SvgChart, DrawsDotsWithTooltipsAndALegend) {
  Chart chart = chart_of({{0, 1}, {10, 2}});
  chart.series.push_back({"held-out", {{5, 1.5}, {10, 1.25}}, Series::Mark::kDots});
  const std::string svg = svg_chart(chart);
  MarkupCheck::check(svg);
  EXPECT_THAT(svg, HasSubstr("<title>10: 1.25</title>"));
  EXPECT_EQ(count(svg, "<title>"), 2U);
  EXPECT_THAT(svg, HasSubstr(">held-out</text>"));
}

TEST(SvgChart, SaysWhenThereIsNothingToDraw) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const std::vector<Point>& points :
       {std::vector<Point>{}, {{1, 1}}, {{1, nan}, {2, nan}}, {{1, 1}, {1, 2}}}) {
    const std::string svg = svg_chart(chart_of(points));
    MarkupCheck::check(svg);
    EXPECT_THAT(svg, HasSubstr("no data yet"));
  }
}

TEST(SvgChart, LeavesOutWhatCannotBeDrawn) {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::string clean = svg_chart(chart_of({{0, 1}, {10, 2}}));
  EXPECT_EQ(svg_chart(chart_of({{0, 1}, {5, infinity}, {6, 1e300}, {7, std::nan("")}, {10, 2}})),
            clean);
}

TEST(SvgChart, DrawsAConstant) {
  const std::string svg = svg_chart(chart_of({{0, 0.001}, {10, 0.001}}));
  MarkupCheck::check(svg);
  EXPECT_THAT(svg, HasSubstr("M64.0 139.0L748.0 139.0"));
}

TEST(SvgChart, EscapesNames) {
  Chart chart = chart_of({{0, 1}, {10, 2}});
  chart.title = chart.x.label = chart.y.label = "<&\"'>";
  chart.series.push_back({"</svg>", {{1, 1}, {2, 2}}});
  MarkupCheck::check(svg_chart(chart));
}

TEST(SvgChart, StaysWellFormedOnAnyNumbers) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<Point> points;
    for (int i = 0; i < 8; ++i) {
      points.push_back({std::bit_cast<double>(random()), std::bit_cast<double>(random())});
    }
    std::sort(points.begin(), points.end(),
              [](const Point& a, const Point& b) { return std::isgreater(b.x, a.x); });
    Chart chart = chart_of(points);
    chart.x.scale = round % 2 == 0 ? Axis::Scale::kLinear : Axis::Scale::kLogarithmic;
    chart.y.scale = round % 3 == 0 ? Axis::Scale::kLogarithmic : Axis::Scale::kLinear;
    const std::string svg = svg_chart(chart);
    MarkupCheck::check(svg);
    EXPECT_EQ(count(svg, "nan"), 0U);
    EXPECT_EQ(count(svg, "inf"), 0U);
    EXPECT_LT(svg.size(), 20'000U);
  }
}

}  // namespace
}  // namespace cram::report
