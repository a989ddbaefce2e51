// A matrix in panels of some columns, each dense, so that products walk through memory in order: a
// right operand, or what comes out.
#pragma once

#include <algorithm>

#include "element.h"
#include "scratch.h"

namespace cram::ops::cpu {

// Of `depth` rows; a view: `data` has elements() of them.
template <typename T>
struct Panels {
  static constexpr std::int64_t kColumns = 64;  // of a panel, but for the last

  [[nodiscard]] std::int64_t count() const { return (columns + kColumns - 1) / kColumns; }
  [[nodiscard]] std::int64_t width(std::int64_t panel) const {
    return std::min(kColumns, columns - panel * kColumns);
  }
  // Elements from one panel to the next.
  [[nodiscard]] std::int64_t stride() const { return round_up(depth, kGroup<T>) * kColumns; }
  [[nodiscard]] std::int64_t elements() const { return count() * stride(); }
  // From a row of the operand on, a multiple of kGroup.
  [[nodiscard]] Block<T> panel(std::int64_t i, std::int64_t row = 0) const {
    return {data + i * stride() + row * kColumns, kColumns};
  }

  std::int64_t depth, columns;
  T* data = nullptr;
};

}  // namespace cram::ops::cpu
