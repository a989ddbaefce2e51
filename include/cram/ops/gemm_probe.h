// How fast a device multiplies matrices, measured: for choosing a precision, and as the yardstick
// of a training step.
#pragma once

#include <cstdint>
#include <vector>

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

namespace cram::ops {

// [rows, inner] times [inner, columns].
struct GemmShape {
  std::int64_t rows, inner, columns;
};

// FLOP/s over one product of each shape, the best of several rounds within some tens of
// milliseconds. A CPU without instructions for a 16-bit type can be hundreds of times slower in it:
// a small product is tried first, and where that is hopeless its speed is returned at once.
// `fp16_accumulation` as in Weight.
[[nodiscard]] double measure_gemm_flops(const c10::Device& device, c10::ScalarType type,
                                        const std::vector<GemmShape>& shapes,
                                        bool fp16_accumulation = false);

}  // namespace cram::ops
