#include "run_summary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "cram/base/units.h"

#include "event_json.h"

namespace cram::report {
namespace {

constexpr double kLongestTime = 1e10;  // seconds; more is a damaged number

template <class... Values>
std::string print(const char* format, Values... values) {
  std::array<char, 96> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, values...);
  return buffer.data();
}

std::string percent(double share) {
  return std::isfinite(share) ? print("%.2f %%", share * 100) : "unknown";
}

std::string number(const char* format, double value) {
  return std::isfinite(value) ? print(format, value) : "not a number";
}

std::string clock_text(double seconds) {
  if (!std::isfinite(seconds) || std::abs(seconds) > kLongestTime) return "unknown";
  return format_clock(Seconds(seconds));
}

// How the last thing that happened left the run.
std::string ending(const RunRecord& run) {
  for (const char* kind : {"finished", "interrupted", "diverged"}) {
    if (!run.notes.empty() && run.notes.back().kind == kind) return kind;
  }
  return "no end recorded: still running, or killed";
}

// Where from, for a run that did not begin with fresh weights.
void add_start(const RunRecord& run, std::vector<TableRow>& rows) {
  for (const TimedNote& note : run.notes) {
    if (note.kind != "started") continue;
    const Json details = Json::parse(note.details);
    const auto start = details.find("start");
    if (start == details.end() || !start->is_string()) continue;
    rows.push_back({"Started from", start->get<std::string>()});
    return;
  }
}

void add_validation(const Validation& last, std::vector<TableRow>& rows) {
  rows.push_back({"Held-out loss", number("%.4f nats a masked token", last.loss)});
  rows.push_back({"Held-out perplexity", number("%.2f", std::exp(last.loss))});
  rows.push_back({"Held-out accuracy", percent(last.accuracy)});
  if (last.average_loss && last.average_accuracy) {
    rows.push_back({"With averaged weights", number("%.4f nats", *last.average_loss) + ", " +
                                                 percent(*last.average_accuracy)});
  }
  rows.push_back({"Measured on", format_count(last.masked_tokens) + " masked tokens, at step " +
                                     format_count(last.step)});
}

void add_progress(const RunRecord& run, std::vector<TableRow>& rows) {
  const Progress& last = run.progress.back();
  rows.push_back({"Training loss", number("%.4f", last.loss)});
  rows.push_back({"Budget used", percent(last.budget_share) + ", " + clock_text(last.seconds)});
  rows.push_back({"Updates", format_count(last.step)});
  rows.push_back({"Tokens", format_count(last.tokens)});
  rows.push_back({"Batch size", format_count(last.batch_size) + " sequences"});
  if (last.seconds > 0) {
    const double speed = static_cast<double>(last.tokens) / last.seconds;
    rows.push_back({"Average speed", format_short(speed) + " tokens/s"});
  }
  if (last.gemm_share > 0) rows.push_back({"Share of matmul speed", percent(last.gemm_share)});
  if (last.skipped_updates > 0) {
    rows.push_back({"Skipped updates", format_count(last.skipped_updates)});
  }
}

bool has_averages(const RunRecord& run) {
  return std::any_of(run.validations.begin(), run.validations.end(),
                     [](const Validation& validation) { return validation.average_loss; });
}

std::string details_text(const std::string& details) {
  const Json members = Json::parse(details);
  std::string text;
  for (const auto& [name, value] : members.items()) {
    const std::string shown = value.is_string() ? value.get<std::string>() : dump_line(value);
    text += (text.empty() ? "" : ", ") + (name == "message" ? shown : name + " " + shown);
  }
  return text;
}

}  // namespace

std::vector<TableRow> run_summary(const RunRecord& run) {
  std::vector<TableRow> rows = {{"Ended", ending(run)}};
  add_start(run, rows);
  if (!run.validations.empty()) add_validation(run.validations.back(), rows);
  if (!run.progress.empty()) add_progress(run, rows);
  const auto resumes = std::count_if(run.notes.begin(), run.notes.end(),
                                     [](const TimedNote& note) { return note.kind == "resumed"; });
  if (resumes > 0) rows.push_back({"Times resumed", print("%td", resumes)});
  rows.push_back({"First and last event", run.first_time + " to " + run.last_time});
  if (run.damaged_lines > 0) {
    rows.push_back({"Damaged lines in events.jsonl", print("%zu, skipped", run.damaged_lines)});
  }
  return rows;
}

TableRow validation_heads(const RunRecord& run) {
  TableRow heads = {"Budget", "Time", "Step", "Tokens", "Loss", "Perplexity", "Accuracy"};
  if (has_averages(run)) heads.insert(heads.end(), {"Averaged: loss", "Accuracy"});
  return heads;
}

std::vector<TableRow> validation_rows(const RunRecord& run) {
  const bool averages = has_averages(run);
  std::vector<TableRow> rows;
  for (const Validation& validation : run.validations) {
    rows.push_back({percent(validation.budget_share), clock_text(validation.seconds),
                    format_count(validation.step), format_count(validation.tokens),
                    number("%.4f", validation.loss), number("%.2f", std::exp(validation.loss)),
                    percent(validation.accuracy)});
    if (!averages) continue;
    const bool there = validation.average_loss && validation.average_accuracy;
    rows.back().push_back(there ? number("%.4f", *validation.average_loss) : "");
    rows.back().push_back(there ? percent(*validation.average_accuracy) : "");
  }
  return rows;
}

std::vector<TableRow> note_rows(const RunRecord& run) {
  std::vector<TableRow> rows;
  for (const TimedNote& note : run.notes) {
    rows.push_back({note.time, note.kind, details_text(note.details)});
  }
  return rows;
}

}  // namespace cram::report
