#include <algorithm>
#include <functional>

#include "cram/base/units.h"
#include "cram/report/html_page.h"
#include "cram/report/svg_chart.h"
#include "cram/study/tables.h"

#include "rows.h"

namespace cram::study {
namespace {

using report::TableRow;
using X = std::function<double(const report::Validation&)>;

// The run whose end is the median of its variant's, to stand for it in a chart.
const RunResult* middle_run(const std::vector<RunResult>& runs, const std::string& variant) {
  std::vector<const RunResult*> found;
  for (const RunResult& run : runs) {
    if (run.variant == variant && !run.curve.empty()) found.push_back(&run);
  }
  if (found.empty()) return nullptr;
  const auto middle = found.begin() + static_cast<std::ptrdiff_t>((found.size() - 1) / 2);
  std::nth_element(found.begin(), middle, found.end(), [](const auto* a, const auto* b) {
    return a->curve.back().loss < b->curve.back().loss;
  });
  return *middle;
}

report::Chart chart_of(const recipe::Study& study, const std::vector<RunResult>& runs,
                       const std::string& title, const std::string& x_label, const X& x) {
  report::Chart chart{title, {x_label}, {"held-out loss, nats a masked token"}, {}};
  for (const std::string& variant : study.variants) {
    report::Series series{variant, {}};
    if (const RunResult* run = middle_run(runs, variant); run != nullptr) {
      for (const report::Validation& at : run->curve) series.points.push_back({x(at), at.loss});
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

std::string figures(const recipe::Study& study, const std::vector<RunResult>& runs) {
  return report::html_charts({chart_of(study, runs, "Loss over tokens", "millions of tokens",
                                       [](const auto& at) { return double(at.tokens) / 1e6; }),
                              chart_of(study, runs, "Loss over time", "minutes of the budget",
                                       [](const auto& at) { return at.seconds / 60; })}) +
         "<p class=\"soft\">Of several seeds, the one in the middle.</p>\n";
}

std::vector<TableRow> run_rows(const std::vector<RunResult>& runs) {
  std::vector<TableRow> rows;
  for (const RunResult& run : runs) {
    const std::string loss = run.curve.empty() ? "" : format_fixed(run.curve.back().loss, 4);
    rows.push_back({run.variant, std::to_string(run.seed), name(run.state), loss,
                    format_count(run.tokens), format_clock(Seconds(run.seconds)),
                    format_short(run.tokens_per_second)});
  }
  return rows;
}

std::vector<TableRow> change_rows(const recipe::Study& study) {
  std::vector<TableRow> rows;
  for (const recipe::StudyRun& run : study.runs) {
    if (!rows.empty() && rows.back().front() == run.variant) continue;
    std::string changes;
    for (const std::string& change : run.settings) changes += change + "  ";
    rows.push_back({run.variant, run.file.lexically_normal().string(), changes});
  }
  return rows;
}

std::string below_table(const Comparison& comparison) {
  std::string html;
  for (const std::string& line : lines_below(comparison)) {
    html += "<p class=\"soft\">" + report::html_text(line) + "</p>\n";
  }
  return html;
}

}  // namespace

std::string to_html(const recipe::Study& study, const Comparison& comparison,
                    const std::vector<RunResult>& runs) {
  const std::string body =
      report::html_section("Variants",
                           report::html_table(variant_heads(comparison), variant_rows(comparison)) +
                               below_table(comparison)) +
      report::html_section("Curves", figures(study, runs)) +
      report::html_section(
          "What each changes",
          report::html_table({"variant", "recipe", "settings"}, change_rows(study))) +
      report::html_section("Runs", report::html_table({"variant", "seed", "state", "held-out loss",
                                                       "tokens", "time", "tokens/s"},
                                                      run_rows(runs)));
  return report::html_page(study.name, "A study of cram", body);
}

}  // namespace cram::study
