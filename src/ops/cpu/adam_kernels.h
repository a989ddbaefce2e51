#pragma once

#include "element.h"

namespace cram::ops::cpu {

// One weight and what Adam keeps of it; `copy` may be null.
template <typename T>
struct AdamCall {
  float* master;
  float* grad;
  float* exp_avg;
  float* exp_avg_sq;
  T* copy;
  float gradient_factor;    // on the gradient, first of all
  float coupled_decay;      // that share of the weight is added to the gradient
  float keep;               // the weight is multiplied by it
  float beta1_rest;         // 1 - beta1
  float beta2, beta2_rest;  // beta2, 1 - beta2
  float second_factor;      // on the root of the second moment
  float epsilon;            // added to that
  float rate;               // on the quotient
};

template <typename T>
struct AdamKernels {
  // Elements [begin, end): moves them, writes their copies and clears their gradients.
  void (*step)(const AdamCall<T>&, std::int64_t begin, std::int64_t end);
};

}  // namespace cram::ops::cpu
