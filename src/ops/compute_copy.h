// The copy of a weight that passes read, where that is not the master itself.
#pragma once

#include "cram/ops/weight.h"

namespace cram::ops {

[[nodiscard]] inline bool has_copy(const Weight& weight) {
  return !weight.compute.is_alias_of(weight.master);
}

}  // namespace cram::ops
