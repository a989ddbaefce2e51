#pragma once

#include "dropout_hash.h"
#include "element.h"

namespace cram::ops::cpu {

// What becomes of one head's queries or keys before their product: division by their root mean
// square where epsilon > 0, then rotation where cos is not null.
struct HeadPlacement {
  float epsilon;
  const float* cos;  // [rows, columns / 2]
  const float* sin;
};

// The softmax of the scores of a few queries, a row each. Strides are whole vectors; what lies
// between the columns and the stride may be any number.
template <typename T>
struct SoftmaxForward {
  Block<const float> scores;
  Block<T> weights;     // exponentials, not yet divided by their sums; up to its stride, 0 follows
  float* inverse_sums;  // [rows]: what weights are to be multiplied by
  float* log_sums;      // [rows]: the logarithm of the sum of e^(scale * score)
  float scale;
  KeepRule rule;       // of the weights, for this head
  std::int64_t first;  // the first row's query
};

// Its backward pass, a column a query: rows are keys, and strides whole vectors; columns without a
// query hold zeros.
template <typename T>
struct SoftmaxBackward {
  Block<float> scores;      // overwritten
  Block<float> dweights;    // overwritten
  const float* log_sums;    // [stride]
  Block<T> weights;         // as the values were weighted
  Block<T> dscores;         // of the scores before `scale`
  Block<T> dscores_packed;  // the same as a right operand
  float scale;
  KeepRule rule;       // of the weights, for this head
  std::int64_t first;  // the first column's query
};

template <typename T>
struct AttentionKernels {
  void (*place)(Block<const T> src, Size, const HeadPlacement&, Block<T> dst);
  // The gradient of src from that of what it became; `gradient` is overwritten.
  void (*place_backward)(Block<const T> src, Size, const HeadPlacement&, Block<float> gradient,
                         Block<T> dsrc);
  void (*softmax)(const SoftmaxForward<T>&, Size);
  void (*softmax_backward)(const SoftmaxBackward<T>&, Size);
};

}  // namespace cram::ops::cpu
