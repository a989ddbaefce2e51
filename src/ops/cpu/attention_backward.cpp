#include <ATen/ops/empty_like.h>

#include "attention.h"
#include "attention_head.h"
#include "dropout.h"

namespace cram::ops::cpu {
namespace {

// Columns of a right operand.
template <typename T>
Block<const T> columns_after(Block<T> block, std::int64_t column) {
  return {block.data + column * kGroup<T>, block.stride};
}

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
        keys_t_(zeros(scratch, shape.size, shape.padded)),
        weights_(zeros(scratch, shape.padded, shape.block)),
        dscores_(zeros(scratch, shape.padded, shape.block)),
        dscores_packed_(zeros(scratch, shape.padded, shape.block)),
        scores_(floats(scratch, shape.padded, shape.block)),
        dweights_(floats(scratch, shape.padded, shape.block)),
        dqueries_t_(floats(scratch, shape.size, shape.padded)),
        dqueries_(floats(scratch, shape.padded, shape.size)),
        dkeys_(floats(scratch, shape.padded, shape.size)),
        dvalues_(floats(scratch, shape.padded, shape.size)),
        log_sums_(scratch.take_zeros<float>(shape.padded)) {}

  [[nodiscard]] static std::int64_t bytes(const HeadShape& shape) {
    const auto tokens = shape.padded * shape.size, scores = shape.padded * shape.block;
    return Head<T>::bytes(shape) + 5 * Scratch::size<T>(tokens) + 3 * Scratch::size<T>(scores) +
           2 * Scratch::size<float>(scores) + 4 * Scratch::size<float>(tokens) +
           Scratch::size<float>(shape.padded);
  }

  struct Call {
    const T* qkv;
    const T* doutput;
    const float* log_sums;
    T* dqkv;
    const std::vector<Range>* sights;
    KeepRule rule;
  };

  void run(std::int64_t item, const Call& call) {
    const auto keys = head_.part(call.qkv, item, 1);
    pack(head_.part(call.qkv, item, 0), keys, output_block(call.doutput, shape_, item));
    const Operands operands{head_.padded(keys, 1), head_.padded(head_.part(call.qkv, item, 2), 2)};
    std::memcpy(log_sums_, call.log_sums + item * shape_.rows,
                static_cast<std::size_t>(shape_.length) * sizeof(float));
    KeepRule rule = call.rule;
    rule.seed = head_seed(rule.seed, item);
    sight_ = sight_of(*call.sights, shape_, item);
    for (std::int64_t first = 0; first < shape_.length; first += shape_.block) {
      step(first, operands, rule);
    }
    kernels<float>().pack.transposed(constant(dqueries_t_), {shape_.size, shape_.length},
                                     dqueries_);
    finish(item, call, 0, dqueries_);
    finish(item, call, 1, dkeys_);
    finish(item, call, 2, dvalues_);
  }

 private:
  struct Operands {
    Block<const T> keys, values;
  };

  static Block<T> zeros(Scratch& scratch, std::int64_t rows, std::int64_t stride) {
    return {scratch.take_zeros<T>(rows * stride), stride};
  }
  static Block<float> floats(Scratch& scratch, std::int64_t rows, std::int64_t stride) {
    return {scratch.take<float>(rows * stride), stride};
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
  void step(std::int64_t first, const Operands& operands, const KeepRule& rule) {
    const auto padded = shape_.padded, size = shape_.size, count = shape_.queries(first);
    const auto into = first == 0 ? Into::kOverwrite : Into::kAdd;
    multiply<T>({padded, count, size}, operands.keys, columns_after(queries_t_, first), scores_,
                Into::kOverwrite);
    if (sight_ != nullptr) hide_unseen(scores_, {shape_.length, count}, sight_, first);
    multiply<T>({padded, count, size}, operands.values, columns_after(doutput_t_, first), dweights_,
                Into::kOverwrite);
    kernels<T>().attention.softmax_backward({.scores = scores_,
                                             .dweights = dweights_,
                                             .log_sums = log_sums_ + first,
                                             .weights = weights_,
                                             .dscores = dscores_,
                                             .dscores_packed = dscores_packed_,
                                             .scale = shape_.scale,
                                             .rule = rule,
                                             .first = first},
                                            {shape_.length, count});
    multiply<T>({padded, size, count}, constant(weights_), rows_after(doutput_, first), dvalues_,
                into);
    multiply<T>({padded, size, count}, constant(dscores_), rows_after(queries_, first), dkeys_,
                into);
    multiply<T>({size, count, padded}, constant(keys_t_), constant(dscores_packed_),
                {dqueries_t_.data + first, dqueries_t_.stride}, Into::kOverwrite);
  }

  // A part's gradient in its place; queries and keys are turned back first.
  void finish(std::int64_t item, const Call& call, int part, Block<float> gradient) {
    const auto to = head_block(call.dqkv, shape_, item, part);
    if (part < 2 && head_.places()) {
      kernels<T>().attention.place_backward(head_block(call.qkv, shape_, item, part), head_.size(),
                                            head_.placement(), gradient, to);
    } else {
      kernels<T>().pack.narrow(constant(gradient), head_.size(), to, nullptr, nullptr);
    }
    clear_padding(to, shape_);
  }

  HeadShape shape_;
  Head<T> head_;
  Block<T> queries_t_, doutput_t_, queries_, doutput_;  // right operands
  Block<T> keys_t_;                                     // a left operand
  Block<T> weights_, dscores_, dscores_packed_;
  Block<float> scores_, dweights_;
  Block<float> dqueries_t_, dqueries_, dkeys_, dvalues_;
  float* log_sums_;
  const Range* sight_ = nullptr;
};

}  // namespace

at::Tensor attention_backward(const at::Tensor& qkv, const at::Tensor& doutput,
                              const at::Tensor& log_sums, const Attention& options,
                              const DropoutMask& mask) {
  const HeadShape shape(qkv, options);
  const auto lengths = sequence_lengths(qkv, options.lengths);
  const auto seen = sights(qkv, options);
  const at::Tensor dqkv = at::empty_like(qkv);
  with_element(qkv, [&]<typename T>() {
    const typename BackwardHead<T>::Call call{
        data<T>(qkv), data<T>(doutput), data<float>(log_sums), data<T>(dqkv),
        &seen,        keep_rule(mask)};
    run_heads<BackwardHead<T>>(shape, options, lengths, call);
  });
  return dqkv;
}

}  // namespace cram::ops::cpu
