// The prediction head of masked_cross_entropy as its versions see it.
#pragma once

#include "cram/ops/functions.h"

namespace cram::ops {

struct Decoder {
  WeightPtr weight;  // [V, H]
  WeightPtr bias;    // [V] or null
  LossOptions options;
};

}  // namespace cram::ops
