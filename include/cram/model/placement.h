// Where a model computes, in which type, and what it remembers.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

namespace cram::model {

struct Placement {
  c10::Device device = c10::kCPU;
  c10::ScalarType compute_type = c10::kFloat;
  bool fp16_accumulation = false;  // of products with the layers' matrices, as ops::Weight says
  // Of each layer but the last, what enters it is kept for the backward pass, and nothing else.
  bool recompute_activations = false;
};

}  // namespace cram::model
