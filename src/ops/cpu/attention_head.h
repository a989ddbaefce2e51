// What the forward and the backward pass of attention share: a head's sizes and operands, and how
// heads are spread over threads.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "cram/ops/reference.h"

#include "block_product.h"
#include "dropout_hash.h"
#include "kernels.h"
#include "parallel.h"
#include "scratch.h"

namespace cram::ops::cpu {

// Sizes of products are multiples of this: padding of less than a vector, and sequences of all
// lengths share a few of the kernels that oneDNN generates for each size.
inline constexpr std::int64_t kUnit = 16;
// The most queries whose scores are computed at a time.
inline constexpr std::int64_t kMostQueries = 64;

// The sizes of a head in a sequence of `length` tokens.
struct HeadShape {
  HeadShape(const at::Tensor& qkv, const Attention& options)
      : heads(options.heads),
        rows(qkv.size(1)),
        size(qkv.size(2) / 3 / options.heads),
        hidden(qkv.size(2) / 3),
        scale(1.0f / std::sqrt(static_cast<float>(size))) {
    set_length(rows);
  }

  void set_length(std::int64_t tokens) {
    length = tokens;
    padded = round_up(tokens, kUnit);
    block = std::min(kMostQueries, padded);
  }

  // Queries of the block that begins at `first`, with padding.
  [[nodiscard]] std::int64_t queries(std::int64_t first) const {
    return std::min(block, padded - first);
  }

  std::int64_t heads, rows, size, hidden;
  float scale;
  std::int64_t length, padded, block;  // rows: with padding of the batch; padded: of products
};

// Where a head's queries (part 0), keys (1) or values (2) are in [B, S, 3H].
template <typename T>
Block<T> head_block(T* qkv, const HeadShape& shape, std::int64_t item, int part) {
  const auto sequence = item / shape.heads, head = item % shape.heads;
  const auto stride = 3 * shape.hidden;
  return {qkv + sequence * shape.rows * stride + part * shape.hidden + head * shape.size, stride};
}

// The same in [B, S, H].
template <typename T>
Block<T> output_block(T* output, const HeadShape& shape, std::int64_t item) {
  const auto sequence = item / shape.heads, head = item % shape.heads;
  return {output + sequence * shape.rows * shape.hidden + head * shape.size, shape.hidden};
}

template <typename T>
Block<const T> rows_after(Block<T> block, std::int64_t row) {
  return {block.row(row), block.stride};
}

template <typename T>
void copy_rows(Block<const T> from, Size size, Block<T> to) {
  for (std::int64_t r = 0; r < size.rows; ++r) {
    std::memcpy(to.row(r), from.row(r), static_cast<std::size_t>(size.columns) * sizeof(T));
  }
}

// Zeros in the rows of a head's output or gradient that follow its sequence.
template <typename T>
void clear_padding(Block<T> block, const HeadShape& shape) {
  for (auto row = shape.length; row < shape.rows; ++row) {
    std::memset(block.row(row), 0, static_cast<std::size_t>(shape.size) * sizeof(T));
  }
}

// Takes away the scores of pairs that do not see each other. `sight` is of the rows; columns are
// the tokens from `first_column` on.
inline void hide_unseen(Block<float> scores, Size size, const Range* sight,
                        std::int64_t first_column) {
  constexpr float kNever = -1e30f;  // finite after the multiplication with the scale
  for (std::int64_t r = 0; r < size.rows; ++r) {
    float* row = scores.row(r);
    const auto first = std::clamp<std::int64_t>(sight[r].begin - first_column, 0, size.columns);
    const auto end = std::clamp<std::int64_t>(sight[r].end - first_column, 0, size.columns);
    std::fill(row, row + first, kNever);
    std::fill(row + end, row + size.columns, kNever);
  }
}

// A head's queries, keys and values as they are multiplied.
template <typename T>
class Head {
 public:
  Head(const HeadShape& shape, const Attention& options, Scratch& scratch)
      : shape_(shape),
        placement_{options.qk_norm ? static_cast<float>(reference::kQkNormEpsilon) : 0.0f,
                   data_or_null<float>(options.rotary_cos),
                   data_or_null<float>(options.rotary_sin)} {
    if (!places() && shape.length == shape.padded) return;
    for (auto& copy : copies_)
      copy = {scratch.take_zeros<T>(shape.padded * shape.size), shape.size};
  }

  [[nodiscard]] static std::int64_t bytes(const HeadShape& shape) {
    return 3 * Scratch::size<T>(shape.padded * shape.size);
  }

  [[nodiscard]] bool places() const { return placement_.epsilon > 0 || placement_.cos != nullptr; }
  [[nodiscard]] Size size() const { return {shape_.length, shape_.size}; }
  [[nodiscard]] const HeadPlacement& placement() const { return placement_; }

  // The rows of the sequence.
  [[nodiscard]] Block<const T> part(const T* qkv, std::int64_t item, int part) const {
    const auto source = head_block(qkv, shape_, item, part);
    if (part == kValues || !places()) return source;
    kernels<T>().attention.place(source, size(), placement_, copies_[part]);
    return constant(copies_[part]);
  }

  // The same with zeros in the rows up to the size of products.
  [[nodiscard]] Block<const T> padded(Block<const T> rows, int part) const {
    if (rows.data == copies_[part].data || shape_.length == shape_.padded) return rows;
    copy_rows(rows, size(), copies_[part]);
    return constant(copies_[part]);
  }

 private:
  static constexpr int kValues = 2;

  HeadShape shape_;
  HeadPlacement placement_;
  Block<T> copies_[3]{};
};

// The tokens of each sequence.
[[nodiscard]] std::vector<std::int64_t> sequence_lengths(const at::Tensor& qkv,
                                                         const at::Tensor& lengths);

// The tokens that each token sees, [B * S], whatever the length of its sequence; who sees whom is
// seen in return. Empty where all see all.
[[nodiscard]] std::vector<Range> sights(const at::Tensor& qkv, const Attention& options);

// Those of a head's sequence; null where all see all.
[[nodiscard]] inline const Range* sight_of(const std::vector<Range>& sights, const HeadShape& shape,
                                           std::int64_t item) {
  return sights.empty() ? nullptr : sights.data() + item / shape.heads * shape.rows;
}

// The heads of a part of the work: parts have about as many tokens.
[[nodiscard]] Range head_range(const std::vector<std::int64_t>& lengths, std::int64_t heads,
                               std::int64_t part, std::int64_t parts);

// Calls run(item, call) for every head of every sequence, with a Work made for its length; `widest`
// has that of the longest.
template <typename Work, typename Call>
void run_heads(const HeadShape& widest, const Attention& options,
               const std::vector<std::int64_t>& lengths, const Call& call) {
  const auto parts = part_count(widest.heads * static_cast<std::int64_t>(lengths.size()), 1);
  const ScratchPool pool(parts, Work::bytes(widest));
  for_parts(parts, [&](std::int64_t part) {
    const ProductScope scope;
    HeadShape shape = widest;
    std::optional<Work> work;
    const auto range = head_range(lengths, shape.heads, part, parts);
    for (auto item = range.begin; item < range.end; ++item) {
      const auto length = lengths[static_cast<std::size_t>(item / shape.heads)];
      if (!work || length != shape.length) {
        shape.set_length(length);
        work.emplace(shape, options, pool.part(part));
      }
      work->run(item, call);
    }
  });
}

}  // namespace cram::ops::cpu
