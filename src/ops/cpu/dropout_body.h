#pragma once

#include "dropout_kernels.h"
#include "vector.h"

namespace cram::ops::cpu::CRAM_LEVEL {

// A row's key for each lane.
struct RowKeys {
  Words first, second;
};

CRAM_INLINE RowKeys one_row(const KeepRule& rule, std::int64_t row) {
  const RowKey key = row_key(rule.seed, row);
  return {Words{} + key.first, Words{} + key.second};
}

// Of kLanes rows, a lane each.
CRAM_INLINE RowKeys rows_from(const KeepRule& rule, std::int64_t row) {
  RowKeys keys{};
  for (int i = 0; i < kLanes; ++i) {
    const RowKey key = row_key(rule.seed, row + i);
    keys.first[i] = key.first;
    keys.second[i] = key.second;
  }
  return keys;
}

// x where it is kept, 0 elsewhere; not scaled.
CRAM_INLINE Floats keep(Floats x, const KeepRule& rule, const RowKeys& rows, Words columns) {
  const Words hash = element_hash(columns, rows.first, rows.second);
  return reinterpret_cast<Ints>(hash) < rule.limit ? x : Floats{};
}

template <typename T>
static void drop(const DropoutCall<T>& call, Rows rows) {
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    const RowKeys keys = one_row(call.rule, row);
    const T* x = call.x + row * rows.width;
    T* y = call.result + row * rows.width;
    for_vectors(rows.width, [&](std::int64_t i, auto extent) {
      const Floats kept = keep(load(x + i, extent), call.rule, keys, count_from(i));
      store(y + i, kept * call.rule.scale, extent);
    });
  }
}

template <typename T>
constexpr DropoutKernels<T> dropout_kernels() {
  return {drop<T>};
}

}  // namespace cram::ops::cpu::CRAM_LEVEL
