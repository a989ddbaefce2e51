#include "attention.h"

#include <span>

#include <ATen/ops/empty.h>

#include "attention_head.h"
#include "dropout.h"

namespace cram::ops::cpu {
namespace {

// The number of heads that begin within the first `tokens`, a token of each head counted as one.
std::int64_t heads_within(const std::vector<std::int64_t>& lengths, std::int64_t heads,
                          std::int64_t tokens) {
  std::int64_t count = 0;
  for (const auto length : lengths) {
    if (tokens <= 0) break;
    count += std::min(heads, (tokens + length - 1) / length);
    tokens -= heads * length;
  }
  return count;
}

template <typename T>
class ForwardHead {
 public:
  ForwardHead(const HeadShape& shape, const Attention& options, Scratch scratch)
      : shape_(shape),
        head_(shape, options, scratch),
        keys_{scratch.take_zeros<T>(shape.size * shape.padded), shape.padded},
        values_{scratch.take_zeros<T>(shape.padded * shape.size), shape.size},
        scores_{scratch.take<float>(shape.block * shape.padded), shape.padded},
        weights_{scratch.take_zeros<T>(shape.block * shape.padded), shape.padded},
        mixed_{scratch.take<float>(shape.block * shape.size), shape.size},
        inverse_sums_(scratch.take<float>(shape.block)) {}

  [[nodiscard]] static std::int64_t bytes(const HeadShape& shape) {
    return Head<T>::bytes(shape) + 2 * Scratch::size<T>(shape.padded * shape.size) +
           Scratch::size<float>(shape.block * shape.padded) +
           Scratch::size<T>(shape.block * shape.padded) +
           Scratch::size<float>(shape.block * shape.size) + Scratch::size<float>(shape.block);
  }

  struct Call {
    const T* qkv;
    T* output;
    float* log_sums;
    const std::vector<Range>* sights;
    KeepRule rule;
  };

  void run(std::int64_t item, const Call& call) {
    const auto queries = head_.padded(head_.part(call.qkv, item, 0), 0);
    const auto& pack = kernels<T>().pack;
    pack.columns(head_.part(call.qkv, item, 1), head_.size(), keys_);
    pack.rows(head_.part(call.qkv, item, 2), head_.size(), values_);
    KeepRule rule = call.rule;
    rule.seed = head_seed(rule.seed, item);
    const auto to = output_block(call.output, shape_, item);
    sight_ = sight_of(*call.sights, shape_, item);
    for (std::int64_t first = 0; first < shape_.length; first += shape_.block) {
      const auto count = std::min(shape_.block, shape_.length - first);
      mix(first, queries, call.log_sums + item * shape_.rows, rule);
      pack.narrow(constant(mixed_), {count, shape_.size}, {to.row(first), to.stride}, inverse_sums_,
                  nullptr);
    }
    clear_padding(to, shape_);
  }

 private:
  // The weighted sums of the values for a block of queries, before division by the sums of the
  // weights.
  void mix(std::int64_t first, Block<const T> queries, float* log_sums, const KeepRule& rule) {
    const auto count = shape_.queries(first);
    multiply<T>({count, shape_.padded, shape_.size}, rows_after(queries, first), constant(keys_),
                scores_, Into::kOverwrite);
    const Size size{std::min(count, shape_.length - first), shape_.length};
    if (sight_ != nullptr) hide_unseen(scores_, size, sight_ + first, 0);
    kernels<T>().attention.softmax({.scores = constant(scores_),
                                    .weights = weights_,
                                    .inverse_sums = inverse_sums_,
                                    .log_sums = log_sums + first,
                                    .scale = shape_.scale,
                                    .rule = rule,
                                    .first = first},
                                   size);
    multiply<T>({count, shape_.size, shape_.padded}, constant(weights_), constant(values_), mixed_,
                Into::kOverwrite);
  }

  HeadShape shape_;
  Head<T> head_;
  Block<T> keys_, values_;  // right operands, keys transposed; zeros follow the sequence
  Block<float> scores_;
  Block<T> weights_;
  Block<float> mixed_;
  float* inverse_sums_;
  const Range* sight_ = nullptr;
};

// To the run of equal numbers that each of `row` is part of.
void limit_to_documents(std::span<const std::int64_t> row, std::span<Range> sights) {
  for (std::size_t begin = 0, end = 0; begin < row.size(); begin = end) {
    while (end < row.size() && row[end] == row[begin]) ++end;
    const Range all{static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end)};
    std::fill(sights.begin() + all.begin, sights.begin() + all.end, all);
  }
}

void limit_to_window(std::int64_t window, std::span<Range> sights) {
  for (std::int64_t token = 0; token < std::ssize(sights); ++token) {
    Range& sight = sights[static_cast<std::size_t>(token)];
    sight.begin = std::max(sight.begin, token - window);
    sight.end = std::min(sight.end, token + window + 1);
  }
}

}  // namespace

std::vector<std::int64_t> sequence_lengths(const at::Tensor& qkv, const at::Tensor& lengths) {
  const auto batch = static_cast<std::size_t>(qkv.size(0));
  if (!lengths.defined()) return std::vector<std::int64_t>(batch, qkv.size(1));
  const at::Tensor dense = lengths.contiguous();
  return {data<std::int64_t>(dense), data<std::int64_t>(dense) + batch};
}

std::vector<Range> sights(const at::Tensor& qkv, const Attention& options) {
  if (options.window == 0 && !options.documents.defined()) return {};
  const auto length = static_cast<std::size_t>(qkv.size(1));
  std::vector<Range> made(static_cast<std::size_t>(qkv.size(0)) * length, {0, qkv.size(1)});
  const at::Tensor documents =
      options.documents.defined() ? options.documents.contiguous() : at::Tensor();
  for (std::size_t first = 0; first < made.size(); first += length) {
    const std::span<Range> sequence = std::span(made).subspan(first, length);
    if (documents.defined()) {
      limit_to_documents({data<std::int64_t>(documents) + first, length}, sequence);
    }
    if (options.window > 0) limit_to_window(options.window, sequence);
  }
  return made;
}

Range head_range(const std::vector<std::int64_t>& lengths, std::int64_t heads, std::int64_t part,
                 std::int64_t parts) {
  std::int64_t tokens = 0;
  for (const auto length : lengths) tokens += heads * length;
  return {heads_within(lengths, heads, tokens * part / parts),
          heads_within(lengths, heads, tokens * (part + 1) / parts)};
}

bool attends(const at::Tensor& qkv, const Attention& options) {
  if (!handles(qkv)) return false;
  const auto head_size = qkv.size(2) / 3 / options.heads;
  return head_size % 2 == 0 &&
         with_element(qkv, []<typename T>() { return has_block_products<T>(); });
}

AttentionResult attention_forward(const at::Tensor& qkv, const Attention& options,
                                  const DropoutMask& mask) {
  const HeadShape shape(qkv, options);
  const auto lengths = sequence_lengths(qkv, options.lengths);
  const auto seen = sights(qkv, options);
  const AttentionResult result{
      at::empty({qkv.size(0), shape.rows, shape.hidden}, qkv.options().requires_grad(false)),
      at::empty({qkv.size(0), shape.heads, shape.rows}, qkv.options().dtype(at::kFloat))};
  with_element(qkv, [&]<typename T>() {
    const typename ForwardHead<T>::Call call{data<T>(qkv), data<T>(result.output),
                                             data<float>(result.log_sums), &seen, keep_rule(mask)};
    run_heads<ForwardHead<T>>(shape, options, lengths, call);
  });
  return result;
}

}  // namespace cram::ops::cpu
