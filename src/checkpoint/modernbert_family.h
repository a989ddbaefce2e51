// ModernBERT (Warner et al. 2024): pre-norm, rotary positions, a gate, and layers of which most see
// only what is near. Its classifier of sequences has a norm where ours has none.
#pragma once

#include "family.h"

namespace cram::checkpoint {

[[nodiscard]] Family modernbert_family();

}  // namespace cram::checkpoint
