// How masked cross-entropy divides its work.
#pragma once

#include <algorithm>

#include <ATen/core/Tensor.h>

#include "panels.h"
#include "parallel.h"
#include "scratch.h"

namespace cram::ops::cpu {

inline constexpr std::int64_t kTokens = 256;                         // of a tile
inline constexpr std::int64_t kPositions = Panels<float>::kColumns;  // of a tile
// Positions are padded to multiples of it, so that rows of exponentials begin at whole lines.
inline constexpr std::int64_t kUnit = 32;
static_assert(kUnit * sizeof(Bf16) % 64 == 0 && kPositions % kUnit == 0);

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

  // Rows of positions, transposed: a panel a tile.
  template <typename T>
  [[nodiscard]] Panels<T> panels(T* memory = nullptr) const {
    return {width, padded, memory};
  }

  std::int64_t positions, width, vocabulary;
  std::int64_t padded;  // positions, rounded up
  std::int64_t tiles;   // of tokens
};

// Threads share out the vocabulary, and where they are many, the positions as well: each part of
// the vocabulary has its own sums.
struct LossGrid {
  explicit LossGrid(const LossShape& shape) {
    constexpr std::int64_t kMostTokenParts = 8;
    const auto panels = shape.panels<float>().count();
    const auto threads = part_count(shape.tiles * panels, 1);
    token_parts = std::min({threads, kMostTokenParts, shape.tiles});
    position_parts = std::min(threads / token_parts, panels);
  }

  [[nodiscard]] std::int64_t count() const { return token_parts * position_parts; }

  std::int64_t token_parts = 1, position_parts = 1;
};

}  // namespace cram::ops::cpu
