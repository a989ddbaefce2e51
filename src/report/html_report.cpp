#include <optional>
#include <string>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/report/events.h"
#include "cram/report/html_page.h"
#include "cram/report/run_record.h"
#include "cram/report/svg_chart.h"

#include "run_summary.h"

namespace cram::report {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestText = std::uint64_t{16} << 20;

struct TimeUnit {
  const char* label;
  double seconds;
};

TimeUnit time_unit(const RunRecord& run) {
  const double end = run.progress.empty() ? 0 : run.progress.back().seconds;
  if (end < 180) return {"seconds of the budget", 1};
  if (end < 3 * 3600) return {"minutes of the budget", 60};
  return {"hours of the budget", 3600};
}

template <class Record, class X, class Y>
std::vector<Point> points_of(const std::vector<Record>& records, X x, Y y) {
  std::vector<Point> points;
  points.reserve(records.size());
  for (const Record& record : records) points.push_back({x(record), y(record)});
  return points;
}

// Training and held-out loss over what `x` takes from a record.
template <class X>
std::vector<Series> loss_series(const RunRecord& run, X x) {
  const auto loss = [](const auto& record) { return record.loss; };
  std::vector<Series> series = {
      {"training", points_of(run.progress, x, loss)},
      {"held-out", points_of(run.validations, x, loss), Series::Mark::kDots}};
  std::vector<Point> averages;
  for (const Validation& at : run.validations) {
    if (at.average_loss) averages.push_back({x(at), *at.average_loss});
  }
  if (!averages.empty()) {
    series.push_back({"held-out, averaged weights", std::move(averages), Series::Mark::kDots});
  }
  return series;
}

template <class Y>
Chart chart_over_time(const RunRecord& run, const char* title, const char* y_label, Y y) {
  const TimeUnit unit = time_unit(run);
  const auto time = [&](const Progress& record) { return record.seconds / unit.seconds; };
  return {title, {unit.label}, {y_label}, {{title, points_of(run.progress, time, y)}}};
}

std::vector<Chart> charts_of(const RunRecord& run) {
  const TimeUnit unit = time_unit(run);
  const auto time = [&](const auto& record) { return record.seconds / unit.seconds; };
  const auto tokens = [](const auto& record) { return static_cast<double>(record.tokens); };
  const char* loss_label = "loss, nats a masked token";
  return {{"Loss over time", {unit.label}, {loss_label}, loss_series(run, time)},
          {"Loss over tokens",
           {"tokens", Axis::Scale::kLogarithmic},
           {loss_label},
           loss_series(run, tokens)},
          chart_over_time(run, "Learning rate", "learning rate",
                          [](const Progress& record) { return record.learning_rate; }),
          chart_over_time(run, "Speed", "tokens/s",
                          [](const Progress& record) { return record.tokens_per_second; })};
}

// A report without its recipe is better than no report.
std::optional<std::string> try_read(const fs::path& file) {
  try {
    return read_file(file, kLargestText);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string file_section(const std::string& title, const fs::path& file) {
  const std::optional<std::string> text = try_read(file);
  const std::string body = text ? "<pre>" + html_text(*text) + "</pre>\n"
                                : "<p>" + html_text(file.filename().string()) +
                                      " is not in the run folder or cannot be read.</p>\n";
  return html_section(title, body);
}

std::string page(const fs::path& run_folder, const RunRecord& run) {
  const std::string body =
      html_section("Results", html_table({}, run_summary(run))) +
      html_section("Curves", html_charts(charts_of(run))) +
      html_section("Held-out measurements",
                   html_table(validation_heads(run), validation_rows(run))) +
      html_section("What happened", html_table({"Time", "Event", "Details"}, note_rows(run))) +
      file_section("Recipe", run_folder / "recipe.yaml") +
      file_section("Build", run_folder / "build.json");
  return html_page(fs::canonical(run_folder).filename().string(), "A pretraining run of cram",
                   body);
}

}  // namespace

void write_html_report(const fs::path& run_folder) {
  const RunRecord run = read_run_record(run_folder / "events.jsonl");
  if (run.progress.empty() && run.validations.empty() && run.notes.empty()) {
    throw Error(ErrorCode::kData, (run_folder / "events.jsonl").string() + ": holds no record");
  }
  write_file_atomic(run_folder / "report.html", page(run_folder, run));
}

}  // namespace cram::report
