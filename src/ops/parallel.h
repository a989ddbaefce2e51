// Splits work into parts for the threads that ATen itself uses.
//
// Parts are contiguous and depend on the number of threads alone, so sums taken part by part are
// the same in every run with as many threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

namespace cram::ops {

// Elements of a few operations each that are worth a thread.
inline constexpr std::int64_t kElementsAPart = 16384;

struct Range {
  std::int64_t begin, end;
};

// How many parts to make of `items` when less than `grain` items are not worth a thread.
[[nodiscard]] std::int64_t part_count(std::int64_t items, std::int64_t grain);

// The items of one part, in multiples of `unit` but for the last.
[[nodiscard]] inline Range part_range(std::int64_t items, std::int64_t part, std::int64_t parts,
                                      std::int64_t unit = 1) {
  const auto units = (items + unit - 1) / unit;
  return {std::min(items, units * part / parts * unit),
          std::min(items, units * (part + 1) / parts * unit)};
}

// Runs f(part) for 0 <= part < parts, one part a thread; exceptions come back to the caller.
void for_parts(std::int64_t parts, const std::function<void(std::int64_t)>& f);

// f(begin, end) over the parts of `items`.
void for_ranges(std::int64_t items, std::int64_t grain,
                const std::function<void(std::int64_t, std::int64_t)>& f);

}  // namespace cram::ops
