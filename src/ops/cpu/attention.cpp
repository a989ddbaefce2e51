#include "attention.h"

#include <cmath>

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include "cram/ops/reference.h"

#include "block_product.h"
#include "kernels.h"
#include "parallel.h"
#include "scratch.h"

namespace cram::ops::cpu {
namespace {

// Queries whose scores are computed at a time.
constexpr std::int64_t kQueries = 64;

struct HeadShape {
  HeadShape(const at::Tensor& qkv, const Attention& options)
      : heads(options.heads),
        length(qkv.size(1)),
        size(qkv.size(2) / 3 / options.heads),
        hidden(qkv.size(2) / 3),
        items(qkv.size(0) * options.heads),
        padded(round_up(length, kQueries)),
        even(round_up(length, 2)),
        scale(1.0f / std::sqrt(static_cast<float>(size))) {}

  std::int64_t heads, length, size, hidden, items;
  std::int64_t padded;  // length in whole blocks of queries
  std::int64_t even;    // length as the depth of a product
  float scale;
};

// Where a head's queries (part 0), keys (1) or values (2) are in [B, S, 3H].
template <typename T>
Block<T> head_block(T* qkv, const HeadShape& shape, std::int64_t item, int part) {
  const auto sequence = item / shape.heads, head = item % shape.heads;
  const auto stride = 3 * shape.hidden;
  return {qkv + sequence * shape.length * stride + part * shape.hidden + head * shape.size, stride};
}

// The same in [B, S, H].
template <typename T>
Block<T> output_block(T* output, const HeadShape& shape, std::int64_t item) {
  const auto sequence = item / shape.heads, head = item % shape.heads;
  return {output + sequence * shape.length * shape.hidden + head * shape.size, shape.hidden};
}

template <typename T>
Block<const T> constant(Block<T> block) {
  return {block.data, block.stride};
}

template <typename T>
Block<const T> rows_from(Block<T> block, std::int64_t row) {
  return {block.row(row), block.stride};
}

// Columns of a right operand.
template <typename T>
Block<const T> columns_from(Block<T> block, std::int64_t column) {
  return {block.data + column * kGroup<T>, block.stride};
}

HeadPlacement placement_of(const Attention& options) {
  return {options.qk_norm ? static_cast<float>(reference::kQkNormEpsilon) : 0.0f,
          data_or_null<float>(options.rotary_cos), data_or_null<float>(options.rotary_sin)};
}

// What forward and backward know of a head: its queries and keys as they are multiplied.
template <typename T>
class Head {
 public:
  Head(const HeadShape& shape, const Attention& options, Scratch& scratch)
      : shape_(shape), placement_(placement_of(options)) {
    if (!places()) return;
    queries_ = {scratch.take<T>(shape.length * shape.size), shape.size};
    keys_ = {scratch.take<T>(shape.length * shape.size), shape.size};
  }

  [[nodiscard]] static std::int64_t bytes(const HeadShape& shape) {
    return 2 * Scratch::size<T>(shape.length * shape.size);
  }

  [[nodiscard]] bool places() const { return placement_.epsilon > 0 || placement_.cos != nullptr; }
  [[nodiscard]] Size size() const { return {shape_.length, shape_.size}; }
  [[nodiscard]] const HeadPlacement& placement() const { return placement_; }

  [[nodiscard]] Block<const T> queries(const T* qkv, std::int64_t item) const {
    return placed(head_block(qkv, shape_, item, 0), queries_);
  }
  [[nodiscard]] Block<const T> keys(const T* qkv, std::int64_t item) const {
    return placed(head_block(qkv, shape_, item, 1), keys_);
  }

 private:
  [[nodiscard]] Block<const T> placed(Block<const T> source, Block<T> copy) const {
    if (!places()) return source;
    kernels<T>().attention.place(source, size(), placement_, copy);
    return constant(copy);
  }

  HeadShape shape_;
  HeadPlacement placement_;
  Block<T> queries_{}, keys_{};
};

template <typename T>
class ForwardHead {
 public:
  ForwardHead(const HeadShape& shape, const Attention& options, Scratch scratch)
      : shape_(shape),
        head_(shape, options, scratch),
        keys_{scratch.take<T>(shape.size * shape.padded), shape.padded},
        values_{scratch.take_zeros<T>(shape.even * shape.size), shape.size},
        scores_{scratch.take<float>(kQueries * shape.padded), shape.padded},
        weights_{scratch.take<T>(kQueries * shape.even), shape.even},
        mixed_{scratch.take<float>(kQueries * shape.size), shape.size},
        inverse_sums_(scratch.take<float>(kQueries)) {}

  [[nodiscard]] static std::int64_t bytes(const HeadShape& shape) {
    return Head<T>::bytes(shape) + Scratch::size<T>(shape.size * shape.padded) +
           Scratch::size<T>(shape.even * shape.size) +
           Scratch::size<float>(kQueries * shape.padded) + Scratch::size<T>(kQueries * shape.even) +
           Scratch::size<float>(kQueries * shape.size) + Scratch::size<float>(kQueries);
  }

  void run(std::int64_t item, const T* qkv, T* output, float* log_sums) {
    const auto queries = head_.queries(qkv, item);
    const auto& pack = kernels<T>().pack;
    pack.columns(head_.keys(qkv, item), head_.size(), keys_);
    pack.rows(head_block(qkv, shape_, item, 2), head_.size(), values_);
    const auto to = output_block(output, shape_, item);
    for (std::int64_t first = 0; first < shape_.length; first += kQueries) {
      const auto count = std::min(kQueries, shape_.length - first);
      mix(rows_from(queries, first), count, log_sums + item * shape_.length + first);
      pack.narrow(constant(mixed_), {count, shape_.size}, {to.row(first), to.stride}, inverse_sums_,
                  nullptr);
    }
  }

 private:
  // The weighted sums of the values for a few queries, before division by the sums of the weights.
  void mix(Block<const T> queries, std::int64_t count, float* log_sums) {
    multiply<T>({count, shape_.length, shape_.size}, queries, constant(keys_), scores_,
                Into::kOverwrite);
    kernels<T>().attention.softmax(
        {constant(scores_), weights_, inverse_sums_, log_sums, shape_.scale},
        {count, shape_.length});
    multiply<T>({count, shape_.size, shape_.even}, constant(weights_), constant(values_), mixed_,
                Into::kOverwrite);
  }

  HeadShape shape_;
  Head<T> head_;
  Block<T> keys_, values_;  // right operands: keys transposed, values with zeros to an even length
  Block<float> scores_;
  Block<T> weights_;
  Block<float> mixed_;
  float* inverse_sums_;
};

// Works on transposed scores, a row a key: then the sums of the softmax run down columns, and its
// results are left operands of the products that follow.
template <typename T>
class BackwardHead {
 public:
  BackwardHead(const HeadShape& shape, const Attention& options, Scratch scratch)
      : shape_(shape),
        head_(shape, options, scratch),
        queries_t_(zeros(scratch, shape.size, shape.padded)),
        doutput_t_(zeros(scratch, shape.size, shape.padded)),
        queries_(zeros(scratch, shape.padded, shape.size)),
        doutput_(zeros(scratch, shape.padded, shape.size)),
        keys_t_(zeros(scratch, shape.size, shape.even)),
        weights_(zeros(scratch, shape.even, kQueries)),
        dscores_(zeros(scratch, shape.even, kQueries)),
        dscores_packed_(zeros(scratch, shape.even, kQueries)),
        scores_{scratch.take<float>(shape.length * kQueries), kQueries},
        dweights_{scratch.take<float>(shape.length * kQueries), kQueries},
        dqueries_t_{scratch.take<float>(shape.size * shape.padded), shape.padded},
        dqueries_{scratch.take<float>(shape.length * shape.size), shape.size},
        dkeys_{scratch.take<float>(shape.length * shape.size), shape.size},
        dvalues_{scratch.take<float>(shape.length * shape.size), shape.size},
        log_sums_(scratch.take_zeros<float>(shape.padded)) {}

  [[nodiscard]] static std::int64_t bytes(const HeadShape& shape) {
    const auto element = [](std::int64_t n) { return Scratch::size<T>(n); };
    const auto wide = [](std::int64_t n) { return Scratch::size<float>(n); };
    return Head<T>::bytes(shape) + 4 * element(shape.size * shape.padded) +
           element(shape.size * shape.even) + 3 * element(shape.even * kQueries) +
           2 * wide(shape.length * kQueries) + wide(shape.size * shape.padded) +
           3 * wide(shape.length * shape.size) + wide(shape.padded);
  }

  struct Call {
    const T* qkv;
    const T* doutput;
    const float* log_sums;
    T* dqkv;
  };

  void run(std::int64_t item, const Call& call) {
    const auto keys = head_.keys(call.qkv, item);
    const auto values = head_block(call.qkv, shape_, item, 2);
    pack(head_.queries(call.qkv, item), keys, output_block(call.doutput, shape_, item));
    std::memcpy(log_sums_, call.log_sums + item * shape_.length,
                static_cast<std::size_t>(shape_.length) * sizeof(float));
    for (std::int64_t first = 0; first < shape_.length; first += kQueries) {
      step(first, keys, values);
    }
    kernels<float>().pack.transposed(constant(dqueries_t_), {shape_.size, shape_.length},
                                     dqueries_);
    finish(item, call, 0, dqueries_);
    finish(item, call, 1, dkeys_);
    kernels<T>().pack.narrow(constant(dvalues_), head_.size(),
                             head_block(call.dqkv, shape_, item, 2), nullptr, nullptr);
  }

 private:
  static Block<T> zeros(Scratch& scratch, std::int64_t rows, std::int64_t stride) {
    return {scratch.take_zeros<T>(rows * stride), stride};
  }

  // Only the sequence's own rows and columns are written: the padding stays 0.
  void pack(Block<const T> queries, Block<const T> keys, Block<const T> doutput) {
    const auto& packs = kernels<T>().pack;
    packs.columns(queries, head_.size(), queries_t_);
    packs.columns(doutput, head_.size(), doutput_t_);
    packs.rows(queries, head_.size(), queries_);
    packs.rows(doutput, head_.size(), doutput_);
    packs.transposed(keys, head_.size(), keys_t_);
  }

  // The contribution of a block of queries.
  void step(std::int64_t first, Block<const T> keys, Block<const T> values) {
    const auto length = shape_.length, size = shape_.size;
    const auto into = first == 0 ? Into::kOverwrite : Into::kAdd;
    multiply<T>({length, kQueries, size}, keys, columns_from(queries_t_, first), scores_,
                Into::kOverwrite);
    multiply<T>({length, kQueries, size}, values, columns_from(doutput_t_, first), dweights_,
                Into::kOverwrite);
    kernels<T>().attention.softmax_backward({scores_, constant(dweights_), log_sums_ + first,
                                             weights_, dscores_, dscores_packed_, shape_.scale},
                                            {length, kQueries});
    multiply<T>({length, size, kQueries}, constant(weights_), rows_from(doutput_, first), dvalues_,
                into);
    multiply<T>({length, size, kQueries}, constant(dscores_), rows_from(queries_, first), dkeys_,
                into);
    multiply<T>({size, kQueries, shape_.even}, constant(keys_t_), constant(dscores_packed_),
                {dqueries_t_.data + first, dqueries_t_.stride}, Into::kOverwrite);
  }

  void finish(std::int64_t item, const Call& call, int part, Block<float> gradient) {
    const auto to = head_block(call.dqkv, shape_, item, part);
    if (head_.places()) {
      kernels<T>().attention.place_backward(head_block(call.qkv, shape_, item, part), head_.size(),
                                            head_.placement(), gradient, to);
    } else {
      kernels<T>().pack.narrow(constant(gradient), head_.size(), to, nullptr, nullptr);
    }
  }

  HeadShape shape_;
  Head<T> head_;
  Block<T> queries_t_, doutput_t_, queries_, doutput_;  // right operands
  Block<T> keys_t_;                                     // a left operand
  Block<T> weights_, dscores_, dscores_packed_;
  Block<float> scores_, dweights_;
  Block<float> dqueries_t_, dqueries_, dkeys_, dvalues_;
  float* log_sums_;
};

}  // namespace

bool attends(const at::Tensor& qkv, const Attention& options) {
  if (!handles(qkv) || options.dropout > 0) return false;
  const auto head_size = qkv.size(2) / 3 / options.heads;
  return head_size % 2 == 0 &&
         with_element(qkv, []<typename T>() { return has_block_products<T>(); });
}

AttentionResult attention_forward(const at::Tensor& qkv, const Attention& options) {
  const HeadShape shape(qkv, options);
  const AttentionResult result{
      at::empty({qkv.size(0), shape.length, shape.hidden}, qkv.options().requires_grad(false)),
      at::empty({qkv.size(0), shape.heads, shape.length}, qkv.options().dtype(at::kFloat))};
  with_element(qkv, [&]<typename T>() {
    const auto parts = part_count(shape.items, 1);
    const ScratchPool pool(parts, ForwardHead<T>::bytes(shape));
    for_parts(parts, [&](std::int64_t part) {
      const ProductScope scope;
      ForwardHead<T> head(shape, options, pool.part(part));
      const auto range = part_range(shape.items, part, parts);
      for (auto item = range.begin; item < range.end; ++item) {
        head.run(item, data<T>(qkv), data<T>(result.output), data<float>(result.log_sums));
      }
    });
  });
  return result;
}

at::Tensor attention_backward(const at::Tensor& qkv, const at::Tensor& doutput,
                              const at::Tensor& log_sums, const Attention& options) {
  const HeadShape shape(qkv, options);
  const at::Tensor dqkv = at::empty_like(qkv);
  with_element(qkv, [&]<typename T>() {
    const auto parts = part_count(shape.items, 1);
    const ScratchPool pool(parts, BackwardHead<T>::bytes(shape));
    for_parts(parts, [&](std::int64_t part) {
      const ProductScope scope;
      BackwardHead<T> head(shape, options, pool.part(part));
      const auto range = part_range(shape.items, part, parts);
      for (auto item = range.begin; item < range.end; ++item) {
        head.run(item, {data<T>(qkv), data<T>(doutput), data<float>(log_sums), data<T>(dqkv)});
      }
    });
  });
  return dqkv;
}

}  // namespace cram::ops::cpu
