#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

#include "cram/glue/score_table.h"

#include "score_rows.h"

namespace cram::glue {
namespace {

constexpr std::size_t kColumns = 6, kWidest = 100, kNarrowestTask = 8, kGap = 2;
using Cells = std::array<std::string, kColumns>;
constexpr std::array<bool, kColumns> kIsRight = {false, false, true, false, true, false};

Cells heads() { return {"task", "metric", "median", "range", "seeds", "other metrics"}; }

Cells cells_of(const ScoreRow& row) {
  return {row.task, row.metric, row.median, row.range, row.seeds, row.others};
}

// With a question mark for each character that is not printable ASCII.
std::string ascii(const std::string& text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) == 0x80) continue;
    line += byte >= 0x20 && byte < 0x7F ? c : '?';
  }
  return line;
}

std::string shortened(const std::string& text, std::size_t width) {
  return text.size() <= width ? text : text.substr(0, width - 2) + "..";
}

std::array<std::size_t, kColumns> widths_of(const std::vector<Cells>& rows) {
  std::array<std::size_t, kColumns> widths{};
  for (const Cells& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::size_t others = 0;
  for (std::size_t i = 1; i < kColumns; ++i) others += widths[i] + kGap;
  const std::size_t room = others + kNarrowestTask < kWidest ? kWidest - others : kNarrowestTask;
  widths[0] = std::min(widths[0], room);
  return widths;
}

std::string line_of(const Cells& row, const std::array<std::size_t, kColumns>& widths) {
  std::string line;
  for (std::size_t i = 0; i < kColumns; ++i) {
    const std::string cell = shortened(row[i], widths[i]);
    const std::string padding(widths[i] - cell.size(), ' ');
    line +=
        (i == 0 ? "" : std::string(kGap, ' ')) + (kIsRight[i] ? padding + cell : cell + padding);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string wrapped(const std::string& text) {
  std::string lines;
  std::size_t begin = 0;
  while (text.size() - begin > kWidest) {
    const std::size_t blank = text.rfind(' ', begin + kWidest);
    lines += text.substr(begin, blank - begin) + "\n";
    begin = blank + 1;
  }
  return lines + text.substr(begin) + "\n";
}

// A text that Markdown shows as it is, in one cell.
std::string markdown_text(const std::string& text) {
  constexpr std::string_view kSpecial = "\\|*_`<>[]~&";
  std::string cell;
  for (const char c : text) {
    if (kSpecial.find(c) != kSpecial.npos) cell += '\\';
    cell += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return cell;
}

// As RFC 4180 wants it.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string field = "\"";
  for (const char c : text) field += c == '"' ? "\"\"" : std::string(1, c);
  return field + "\"";
}

// As many digits as the number needs.
std::string csv_number(double value) {
  if (std::isnan(value)) return "nan";
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), end.ptr};
}

std::string csv_rows(const TaskScores& task, const SeedScore& seed) {
  std::string rows;
  for (const SplitScore& score : seed.splits) {
    for (const Measured& measured : score.metrics) {
      rows += csv_field(task.task) + "," + csv_field(score.split) + "," + name(measured.metric) +
              "," + std::to_string(seed.seed) + "," + csv_number(measured.value) + "," +
              csv_number(seed.seconds) + "\n";
    }
  }
  return rows;
}

}  // namespace

std::string to_text(const std::vector<TaskScores>& tasks) {
  std::vector<Cells> rows = {heads()};
  for (const ScoreRow& row : score_rows(tasks)) {
    rows.push_back(cells_of(row));
    rows.back()[0] = ascii(row.task);
  }
  const auto widths = widths_of(rows);
  Cells rule;
  for (std::size_t i = 0; i < kColumns; ++i) rule[i] = std::string(widths[i], '-');
  rows.insert(rows.begin() + 1, rule);
  std::string text;
  for (const Cells& row : rows) text += line_of(row, widths);
  const std::string mean = mean_sentence(glue_mean(tasks));
  return mean.empty() ? text : text + "\n" + wrapped(mean);
}

std::string to_markdown(const std::vector<TaskScores>& tasks) {
  std::string text =
      "| task | metric | median | range | seeds | other metrics |\n"
      "|---|---|---:|---|---:|---|\n";
  for (const ScoreRow& row : score_rows(tasks)) {
    text += "|";
    for (const std::string& cell : cells_of(row)) text += " " + markdown_text(cell) + " |";
    text += "\n";
  }
  const std::string mean = mean_sentence(glue_mean(tasks));
  return mean.empty() ? text : text + "\n" + mean + "\n";
}

std::string to_csv(const std::vector<TaskScores>& tasks) {
  std::string rows = "task,split,metric,seed,value,seconds\n";
  for (const TaskScores& task : tasks) {
    for (const SeedScore& seed : task.seeds) rows += csv_rows(task, seed);
  }
  return rows;
}

}  // namespace cram::glue
