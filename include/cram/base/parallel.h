// Threads: how many the process may use, and a pipeline stage that keeps the order of its input.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "cram/base/pipeline.h"

namespace cram {

// CPUs this process may run on (affinity mask and control-group quota), at least 1.
[[nodiscard]] int available_cpus();

}  // namespace cram
