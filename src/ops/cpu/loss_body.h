#pragma once

#include "loss_kernels.h"
#include "pack_body.h"
#include "stream.h"
#include "vector_math.h"

namespace cram::ops::cpu::CRAM_LEVEL {

// How far a logit may lie above the reference: sums of e^60 are far from fp32's end.
inline constexpr float kSlack = 60.0f;

// What one vector of positions has seen in a tile.
struct ExpColumns {
  Floats sum, best;
};

struct Capped {
  Floats logit, derivative;
};

template <bool capped>
CRAM_INLINE Capped cap(Floats logit, float softcap) {
  if constexpr (!capped) return {logit, splat(1.0f)};
  const Floats t = hyperbolic_tangent(logit / softcap);
  return {t * softcap, 1.0f - t * t};
}

template <bool capped, typename T>
CRAM_INLINE Floats one_exponential(const ExpTile<T>& tile, std::int64_t row, std::int64_t column,
                                   ExpColumns& seen) {
  Floats logit = load(tile.logits.row(row) + column);
  if (tile.bias != nullptr) logit += tile.bias[row];
  seen.best = larger(seen.best, logit);
  const Capped value = cap<capped>(logit, tile.softcap);
  const Floats e = exponential(value.logit - load(tile.reference + column));
  seen.sum += e;
  return e * value.derivative;
}

// The vectors of a line of exponentials, which are streamed, side by side down the rows.
template <typename T>
struct ExpLine {
  ExpColumns vectors[kLineVectors<T>];
};

template <bool capped, typename T>
CRAM_INLINE ExpLine<T> exp_line(const ExpTile<T>& tile, std::int64_t rows, std::int64_t first) {
  ExpLine<T> seen;
  for (int v = 0; v < kLineVectors<T>; ++v) {
    seen.vectors[v] = {Floats{}, load(tile.best + first + v * kLanes)};
  }
  for (std::int64_t r = 0; r < rows; r += kGroup<T>) {
    const bool both = kGroup<T> == 2 && r + 1 < rows;
    Floats low[kLineVectors<T>], high[kLineVectors<T>] = {};
    for (int v = 0; v < kLineVectors<T>; ++v) {
      const auto column = first + v * kLanes;
      low[v] = one_exponential<capped>(tile, r, column, seen.vectors[v]);
      if (both) high[v] = one_exponential<capped>(tile, r + 1, column, seen.vectors[v]);
    }
    if (tile.exponentials.data == nullptr) continue;
    for (int v = 0; v < kLineVectors<T>; ++v) {
      const auto column = first + v * kLanes;
      stream(tile.exponentials.row(r) + column, low[v]);
      store_bits(words(tile.packed.row(r)) + column, pair(low[v], high[v], T{}), Whole{});
    }
    for (int v = 0; v < kLineVectors<T> && both; ++v) {
      stream(tile.exponentials.row(r + 1) + first + v * kLanes, high[v]);
    }
  }
  return seen;
}

// Raises the reference of positions whose best logit outgrew it; false where none did.
template <bool capped, typename T>
CRAM_INLINE bool raise_reference(const ExpTile<T>& tile, Floats best, std::int64_t column) {
  const Floats reference = load(tile.reference + column);
  const Floats top = cap<capped>(best, tile.softcap).logit;
  const Floats raised = top > reference + kSlack ? top : reference;
  store(tile.reference + column, raised);
  store(tile.factors + column, exponential(reference - raised));
  for (int i = 0; i < kLanes; ++i) {
    if (raised[i] > reference[i]) return true;
  }
  return false;
}

template <bool capped, typename T>
CRAM_INLINE bool raise_references(const ExpTile<T>& tile, const ExpLine<T>& seen,
                                  std::int64_t first) {
  bool raised = false;
  for (int v = 0; v < kLineVectors<T>; ++v) {
    raised |= raise_reference<capped>(tile, seen.vectors[v].best, first + v * kLanes);
  }
  return raised;
}

template <bool capped, typename T>
CRAM_INLINE bool exp_tile(const ExpTile<T>& tile, Size size) {
  bool any_raised = false;
  for (std::int64_t first = 0; first < size.columns; first += kLineVectors<T> * kLanes) {
    ExpLine<T> seen = exp_line<capped>(tile, size.rows, first);
    const bool raised = raise_references<capped>(tile, seen, first);
    if (raised) seen = exp_line<capped>(tile, size.rows, first);
    any_raised = any_raised || raised;
    for (int v = 0; v < kLineVectors<T>; ++v) {
      const auto c = first + v * kLanes;
      store(tile.best + c, seen.vectors[v].best);
      store(tile.sums + c, load(tile.sums + c) * load(tile.factors + c) + seen.vectors[v].sum);
    }
  }
  end_streams();
  return any_raised;
}

template <typename T>
static bool exponentials(const ExpTile<T>& tile, Size size) {
  return tile.softcap > 0 ? exp_tile<true>(tile, size) : exp_tile<false>(tile, size);
}

static void scale_columns(Block<float> block, Size size, const float* factors) {
  for (std::int64_t r = 0; r < size.rows; ++r) {
    float* row = block.row(r);
    for_vectors(size.columns, [&](std::int64_t c, auto extent) {
      store(row + c, load(row + c, extent) * load(factors + c, extent), extent);
    });
  }
}

template <typename T>
static void weighted_row_sums(Block<const T> block, Size size, const float* weights, float* sums) {
  for (std::int64_t r = 0; r < size.rows; ++r) {
    const T* row = block.row(r);
    Floats total{};
    for_vectors(size.columns, [&](std::int64_t c, auto extent) {
      total += load(row + c, extent) * load(weights + c, extent);
    });
    sums[r] += sum(total);
  }
}

template <typename T>
static void add_scaled(const T* row, float scale, float* total, std::int64_t n) {
  for_vectors(n, [&](std::int64_t i, auto extent) {
    store(total + i, load(total + i, extent) + load(row + i, extent) * scale, extent);
  });
}

template <typename T>
constexpr LossKernels<T> loss_kernels() {
  return {exponentials<T>, scale_columns, weighted_row_sums<T>, add_scaled<T>};
}

}  // namespace cram::ops::cpu::CRAM_LEVEL
