// Lists of spans in their order, apart from each other.
#pragma once

#include <vector>

#include "cram/selection/repeats.h"

namespace cram::selection {

// `span` begins at or after all the others; it becomes one with the last where they touch.
void append(std::vector<Span>& spans, const Span& span);
// What is in either.
[[nodiscard]] std::vector<Span> unite(const std::vector<Span>& one, const std::vector<Span>& other);
// What is in any of them.
[[nodiscard]] std::vector<Span> unite(std::vector<std::vector<Span>> lists);
// Bytes in all of them.
[[nodiscard]] std::uint64_t count_bytes(const std::vector<Span>& spans);

}  // namespace cram::selection
