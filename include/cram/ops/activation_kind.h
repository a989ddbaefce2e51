// The activations of feed-forward blocks; apart from functions.h for sources that know no torch.
#pragma once

namespace cram::ops {

enum class ActivationKind { kGelu, kGeluTanh, kRelu, kReluSquared, kSilu };

}  // namespace cram::ops
