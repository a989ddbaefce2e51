#pragma once

#include "element.h"

namespace cram::ops::cpu {

// The exponentials of a tile of logits: a row a token of the vocabulary, a column a masked
// position. Strides are whole vectors, those of exponentials whole lines, which are streamed.
template <typename T>
struct ExpTile {
  Block<const float> logits;
  const float* bias;      // [rows] or null
  float softcap;          // 0: none
  float* reference;       // [columns]: exponentials are e^(logit - reference); raised where too low
  float* sums;            // [columns] of the exponentials so far
  float* best;            // [columns]: the highest logit so far, before the softcap
  float* factors;         // [columns]: what earlier exponentials must be multiplied by
  Block<T> exponentials;  // times the softcap's derivative
  Block<T> packed;        // the same as a right operand
};

template <typename T>
struct LossKernels {
  // Whether any reference was raised, so that factors matter.
  bool (*exponentials)(const ExpTile<T>&, Size);
  // block *= factors, column by column.
  void (*scale_columns)(Block<float> block, Size, const float* factors);
  // sums[i] += the sum over row i of block * weights.
  void (*weighted_row_sums)(Block<const T> block, Size, const float* weights, float* sums);
  // sum[0..n) += scale * row[0..n).
  void (*add_scaled)(const T* row, float scale, float* sum, std::int64_t n);
};

}  // namespace cram::ops::cpu
