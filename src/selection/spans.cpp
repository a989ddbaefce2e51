#include "spans.h"

#include <algorithm>

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

std::uint64_t count_bytes(const std::vector<Span>& spans) {
  std::uint64_t bytes = 0;
  for (const Span& span : spans) bytes += span.end - span.begin;
  return bytes;
}

}  // namespace cram::selection
