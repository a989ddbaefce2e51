#include "cram/base/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

namespace cram {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array<Unit, 5> kDurationUnits = {
    {{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};
constexpr std::array<Unit, 9> kByteUnits = {{{"", 1},
                                             {"B", 1},
                                             {"kB", 1e3},
                                             {"MB", 1e6},
                                             {"GB", 1e9},
                                             {"KiB", 1024.0},
                                             {"MiB", 1048576.0},
                                             {"GiB", 1073741824.0},
                                             {"TiB", 1099511627776.0}}};
constexpr std::array<Unit, 5> kCountUnits = {
    {{"", 1}, {"k", 1e3}, {"M", 1e6}, {"B", 1e9}, {"T", 1e12}}};

// Splits "1.5h30m" into its first number and unit; shortens `text` to the rest.
template <std::size_t size>
std::optional<double> take_quantity(std::string_view& text, const std::array<Unit, size>& units) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !(number >= 0)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const std::size_t unit_size = std::min(text.find_first_of("0123456789."), text.size());
  const std::string_view unit_name = text.substr(0, unit_size);
  text.remove_prefix(unit_size);
  for (const Unit& unit : units) {
    if (unit.name == unit_name) return number * unit.factor;
  }
  return std::nullopt;
}

template <std::size_t size>
std::optional<std::int64_t> parse_whole(std::string_view text,
                                        const std::array<Unit, size>& units) {
  const std::optional<double> value = take_quantity(text, units);
  if (!value || !text.empty() || *value > 9e18) return std::nullopt;
  const double whole = std::round(*value);
  // 4.1 million is not whole in binary: the last bit of the product may be off.
  if (std::abs(whole - *value) > 1e-15 * *value) return std::nullopt;
  return static_cast<std::int64_t>(whole);
}

template <class... Values>
std::string print(const char* format, Values... values) {
  std::array<char, 64> buffer;
  const int size = std::snprintf(buffer.data(), buffer.size(), format, values...);
  return {buffer.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::optional<Seconds> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  while (!text.empty()) {
    const std::optional<double> part = take_quantity(text, kDurationUnits);
    if (!part) return std::nullopt;
    seconds += *part;
  }
  return seconds < 1e10 ? std::optional(Seconds(seconds)) : std::nullopt;
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  return parse_whole(text, kByteUnits);
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  return parse_whole(text, kCountUnits);
}

std::string format_duration(Seconds duration) {
  std::int64_t milliseconds = std::llround(duration.count() * 1000);
  std::string text;
  for (const auto& [name, size] :
       {std::pair("d", 86'400'000), std::pair("h", 3'600'000), std::pair("m", 60'000),
        std::pair("s", 1000), std::pair("ms", 1)}) {
    if (milliseconds >= size) text += std::to_string(milliseconds / size) + name;
    milliseconds %= size;
  }
  return text.empty() ? "0s" : text;
}

std::string format_bytes(std::int64_t bytes) {
  double value = static_cast<double>(bytes);
  std::string_view unit = "bytes";
  for (const std::string_view next : {"KiB", "MiB", "GiB", "TiB"}) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  return print(unit == "bytes" ? "%.0f " : "%.1f ", value) + std::string(unit);
}

std::string format_count(std::int64_t count) {
  std::string text = std::to_string(count);
  const std::ptrdiff_t first = count < 0 ? 1 : 0;
  for (auto place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > first; place -= 3) {
    text.insert(static_cast<std::size_t>(place), ",");
  }
  return text;
}

std::string format_fixed(double value, int decimals) { return print("%.*f", decimals, value); }

std::string format_short(double count) {
  std::string_view unit;
  for (const std::string_view next : {" k", " M", " B", " T"}) {
    if (std::abs(count) < 999.5) break;
    count /= 1000;
    unit = next;
  }
  const char* format = std::abs(count) >= 99.95 || unit.empty() ? "%.0f" : "%.3g";
  return print(format, count) + std::string(unit);
}

std::string format_clock(Seconds duration) {
  const std::int64_t seconds = std::llround(duration.count());
  const std::int64_t hours = seconds / 3600;
  const auto minutes = static_cast<int>(seconds / 60 % 60);
  const auto rest = static_cast<int>(seconds % 60);
  if (hours == 0) return print("%02d:%02d", minutes, rest);
  return print("%lld:%02d:%02d", static_cast<long long>(hours), minutes, rest);
}

}  // namespace cram
