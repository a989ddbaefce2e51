#include "spans.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace cram::selection {

void append(std::vector<Span>& spans, const Span& span) {
  if (spans.empty() || span.begin > spans.back().end) {
    spans.push_back(span);
  } else {
    spans.back().end = std::max(spans.back().end, span.end);
  }
}

std::vector<Span> unite(const std::vector<Span>& one, const std::vector<Span>& other) {
  std::vector<Span> united;
  auto next = other.begin();
  for (const Span& span : one) {
    for (; next != other.end() && next->begin < span.begin; ++next) append(united, *next);
    append(united, span);
  }
  for (; next != other.end(); ++next) append(united, *next);
  return united;
}

std::vector<Span> unite(std::vector<std::vector<Span>> lists) {
  if (lists.empty()) return {};
  for (std::size_t step = 1; step < lists.size(); step *= 2) {  // two and two
    for (std::size_t i = 0; i + step < lists.size(); i += 2 * step) {
      lists[i] = unite(lists[i], lists[i + step]);
    }
  }
  return std::move(lists[0]);
}

std::uint64_t count_bytes(const std::vector<Span>& spans) {
  std::uint64_t bytes = 0;
  for (const Span& span : spans) bytes += span.end - span.begin;
  return bytes;
}

}  // namespace cram::selection
