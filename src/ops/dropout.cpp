#include <ATen/ops/dropout.h>

#include "cram/ops/functions.h"

namespace cram::ops {

at::Tensor dropout(const at::Tensor& x, double p) {
  return p > 0 ? at::dropout(x, p, /*train=*/true) : x;
}

}  // namespace cram::ops
