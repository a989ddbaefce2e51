#pragma once

#include "element.h"

namespace cram::ops::cpu {

struct MuonDirection {
  float* grad;
  float* momentum;
  float* direction;
  float gradient_factor;      // on the gradient, first of all
  float memory, memory_rest;  // the momentum's; 1 - memory
};

// `copy` may be null.
template <typename T>
struct MuonMove {
  float* master;
  const float* step;
  T* copy;
  float keep;  // the weight is multiplied by it
  float rate;  // on the step
};

template <typename T>
struct MuonKernels {
  // Elements [begin, end): momenta move, directions are written, gradients cleared.
  void (*direction)(const MuonDirection&, std::int64_t begin, std::int64_t end);
  // Elements [begin, end): moves them and writes their copies.
  void (*move)(const MuonMove<T>&, std::int64_t begin, std::int64_t end);
};

}  // namespace cram::ops::cpu
