#include "cram/report/status_line.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include <time.h>

#include "cram/base/units.h"

namespace cram::report {
namespace {

constexpr std::size_t kBarWidth = 20;
constexpr std::size_t kWidthForBar = 100;
constexpr double kDay = 86400;
constexpr std::string_view kSeparator = " | ";

// A piece of the line; of two that do not both fit, the more important one stays.
struct Piece {
  std::string text;
  int importance;
};

template <class Value>
std::string print(const char* format, Value value) {
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, value);
  return buffer.data();
}

std::tm local_parts(double unix_time) {
  const auto seconds = static_cast<time_t>(unix_time);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return parts;
}

double clamped_share(const Progress& progress) {
  return std::isfinite(progress.budget_share) ? std::clamp(progress.budget_share, 0.0, 1.0) : 0.0;
}

// Rounds down: a run says 100.0% only when the budget is spent.
std::string percent(double share) { return print("%5.1f%%", std::floor(share * 1000 + 1e-6) / 10); }

std::string bar(double share) {
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
  std::string text(filled, '=');
  if (filled < kBarWidth) text += '>';
  text.resize(kBarWidth, ' ');
  return "[" + text + "]";
}

bool is_plausible(double seconds) {
  return std::isfinite(seconds) && seconds >= 0 && seconds < 1e9;
}

void add_times(const Progress& progress, double now, std::vector<Piece>& pieces) {
  if (is_plausible(progress.seconds)) {
    pieces.push_back({"used " + format_clock(Seconds(progress.seconds)), 20});
  }
  if (is_plausible(progress.seconds_left)) {
    pieces.push_back({"left " + format_clock(Seconds(progress.seconds_left)), 85});
    pieces.push_back({"done at " + time_of_day(now, now + progress.seconds_left), 60});
  }
}

void add_speed(const Progress& progress, std::vector<Piece>& pieces) {
  if (std::isfinite(progress.tokens_per_second) && progress.tokens_per_second > 0) {
    pieces.push_back({format_short(progress.tokens_per_second) + " tokens/s", 70});
  }
  if (std::isfinite(progress.gemm_share) && progress.gemm_share > 0) {
    pieces.push_back({print("%.0f%% of matmul speed", progress.gemm_share * 100), 40});
  }
}

std::vector<Piece> pieces_of(const Progress& progress, const LineStyle& style) {
  const double share = clamped_share(progress);
  const std::string bar_text = style.bar && style.width >= kWidthForBar ? bar(share) + " " : "";
  std::vector<Piece> pieces = {{bar_text + percent(share), 100}};
  add_times(progress, style.unix_now, pieces);
  pieces.push_back({"step " + format_count(progress.step), 50});
  pieces.push_back({format_short(static_cast<double>(progress.tokens)) + " tokens", 45});
  add_speed(progress, pieces);
  pieces.push_back({print("loss %.4f", progress.loss), 90});
  pieces.push_back({print("lr %.2e", progress.learning_rate), 30});
  pieces.push_back({"batch " + format_count(progress.batch_size), 25});
  if (progress.skipped_updates > 0) {
    pieces.push_back({"skipped " + format_count(progress.skipped_updates), 75});
  }
  return pieces;
}

std::size_t joined_size(const std::vector<Piece>& pieces) {
  std::size_t size = (pieces.size() - 1) * kSeparator.size();
  for (const Piece& piece : pieces) size += piece.text.size();
  return size;
}

void drop_least_important(std::vector<Piece>& pieces) {
  pieces.erase(std::min_element(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
    return a.importance < b.importance;
  }));
}

}  // namespace

std::string time_of_day(double now, double then) {
  const std::tm today = local_parts(now);
  const std::tm day = local_parts(then);
  const bool same_day = today.tm_year == day.tm_year && today.tm_yday == day.tm_yday;
  const char* format = same_day ? "%H:%M" : then - now < 6 * kDay ? "%a %H:%M" : "%e %b %H:%M";
  std::array<char, 64> buffer{};
  std::strftime(buffer.data(), buffer.size(), format, &day);
  return buffer[0] == ' ' ? buffer.data() + 1 : buffer.data();
}

std::string status_line(const Progress& progress, const LineStyle& style) {
  std::vector<Piece> pieces = pieces_of(progress, style);
  while (pieces.size() > 1 && joined_size(pieces) > style.width) drop_least_important(pieces);
  std::string line;
  for (const Piece& piece : pieces) {
    if (!line.empty()) line += kSeparator;
    line += piece.text;
  }
  return line.substr(0, style.width);
}

}  // namespace cram::report
