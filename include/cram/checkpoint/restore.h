// From tensors in a file to the live ones of a model or an optimizer.
#pragma once

#include <string>

#include "cram/checkpoint/safetensors.h"
#include "cram/ops/weight.h"

namespace cram::checkpoint {

// The weights' fp32 masters by name; they share storage.
[[nodiscard]] NamedTensors masters(const ops::WeightList& weights);

// Copies each tensor of `saved` into the one of the same name in `live`. Both must hold the same
// names and shapes, and types must be equal or both floating-point; otherwise nothing is copied and
// Error{kData} names the differences. `where` is the file for the message. After a restore of
// masters, refresh the compute copies.
void restore(const NamedTensors& saved, const NamedTensors& live, const std::string& where);

}  // namespace cram::checkpoint
