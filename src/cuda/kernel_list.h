// The kernels that the plug-in offers, one source each.
#pragma once

#include "cram/cuda/kernels.h"

namespace cram::cuda {

void activation(const ActivationCall& call);
void norm_forward(const NormForwardCall& call);
void norm_backward(const NormBackwardCall& call);
void loss(const LossCall& call);
void placing_forward(const PlacingForwardCall& call);
void placing_backward(const PlacingBackwardCall& call);

}  // namespace cram::cuda
