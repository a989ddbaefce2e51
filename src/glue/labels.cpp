#include "labels.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace cram::glue {

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool is_broken_number(std::string_view text) {
  double ignored = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, ignored);
  return stop == end && error != std::errc::invalid_argument && !parse_number(text);
}

std::optional<int> find_label(const std::vector<std::string>& labels, std::string_view label) {
  const auto found = std::find(labels.begin(), labels.end(), label);
  if (found == labels.end()) return std::nullopt;
  return static_cast<int>(found - labels.begin());
}

std::vector<std::string> sorted_labels(std::vector<std::string> labels) {
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  const auto is_number = [](const std::string& label) { return parse_number(label).has_value(); };
  if (std::all_of(labels.begin(), labels.end(), is_number)) {
    std::stable_sort(labels.begin(), labels.end(), [](const auto& a, const auto& b) {
      return *parse_number(a) < *parse_number(b);
    });
  }
  return labels;
}

}  // namespace cram::glue
