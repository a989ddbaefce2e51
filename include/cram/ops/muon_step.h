// What Muon does to one weight before and after its matrices are orthogonalised, each in one pass
// over memory, where there are kernels for it.
#pragma once

#include "cram/ops/weight.h"

namespace cram::ops {

// Whether there are kernels: on a CPU, for fp32 and bf16 copies.
[[nodiscard]] bool has_muon_step(const Weight& weight);

// g: the gradient times `gradient_factor`. momentum += (1 - memory)*(g - momentum), `direction`
// becomes g + memory*(momentum - g), Nesterov's look ahead, and the gradient is cleared. Both are
// fp32, dense, of as many numbers as the weight.
void muon_direction(const Weight& weight, const at::Tensor& momentum, const at::Tensor& direction,
                    double gradient_factor, double memory);

// master = keep*master - rate*step, and the compute copy is written. `step` as above.
void muon_move(const Weight& weight, const at::Tensor& step, double keep, double rate);

}  // namespace cram::ops
