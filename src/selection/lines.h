// The lines of a text, one after the other.
#pragma once

#include <algorithm>
#include <string_view>

namespace cram::selection {

inline constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";

// Without the white space around it.
[[nodiscard]] inline std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kWhiteSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhiteSpace) - first + 1);
}

// Calls `take` with each line, trimmed; an empty view for a blank one.
template <class Take>
void for_each_line(std::string_view text, const Take& take) {
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    take(trimmed(text.substr(start, end - start)));
    start = end + 1;
  }
}

}  // namespace cram::selection
