// How masked cross-entropy divides its work.
#pragma once

#include <algorithm>

#include <ATen/core/Tensor.h>

#include "panels.h"
#include "parallel.h"
#include "scratch.h"

namespace cram::ops::cpu {

inline constexpr std::int64_t kTokens = 256;     // of a tile
inline constexpr std::int64_t kPositions = 128;  // of a tile
inline constexpr std::int64_t kUnit = 32;        // positions are padded to multiples of it

// Elements from one row to the next. Rows that lie a multiple of kAlias apart share a few sets of
// the caches and drive each other out, so these get a line more.
template <typename T>
[[nodiscard]] std::int64_t row_stride(std::int64_t columns) {
  constexpr std::int64_t kLine = 64, kAlias = 1024;  // bytes
  const auto bytes = columns * static_cast<std::int64_t>(sizeof(T));
  return bytes % kAlias == 0 ? columns + kLine / static_cast<std::int64_t>(sizeof(T)) : columns;
}

struct LossShape {
  LossShape(const at::Tensor& hidden, const at::Tensor& decoder)
      : positions(hidden.size(0)),
        width(hidden.size(1)),
        vocabulary(decoder.size(0)),
        padded(round_up(positions, kUnit)),
        tiles((vocabulary + kTokens - 1) / kTokens) {}

  // The tokens of a tile.
  [[nodiscard]] Range tokens(std::int64_t tile) const {
    return {tile * kTokens, std::min(vocabulary, (tile + 1) * kTokens)};
  }

  std::int64_t positions, width, vocabulary;
  std::int64_t padded;  // positions, rounded up
  std::int64_t tiles;   // of tokens
};

// Rows of positions, transposed: a panel a tile.
template <typename T>
using PositionPanels = Panels<T, kPositions>;

// Threads share out the vocabulary, and where they are many, the positions as well: each part of
// the vocabulary has its own sums.
struct LossGrid {
  explicit LossGrid(const LossShape& shape) {
    constexpr std::int64_t kMostTokenParts = 8;
    const auto panels = PositionPanels<float>{shape.width, shape.padded}.count();
    const auto threads = part_count(shape.tiles * panels, 1);
    token_parts = std::min({threads, kMostTokenParts, shape.tiles});
    position_parts = std::min(threads / token_parts, panels);
  }

  [[nodiscard]] std::int64_t count() const { return token_parts * position_parts; }

  std::int64_t token_parts = 1, position_parts = 1;
};

}  // namespace cram::ops::cpu
