// Fixed tables of sines and cosines.
#pragma once

#include <ATen/core/Tensor.h>

namespace cram::model {

// [length, hidden] fp32, sine in even and cosine in odd columns with wavelengths from 2*pi to
// 10000 * 2*pi (Vaswani et al. 2017, section 3.5).
[[nodiscard]] at::Tensor sinusoidal_table(std::int64_t length, std::int64_t hidden);

// Rotation angles position * base^(-2i/head_size) as cosine and sine, [length, head_size / 2] fp32
// (Su et al. 2021).
struct RotaryTable {
  at::Tensor cos, sin;
};
[[nodiscard]] RotaryTable rotary_table(std::int64_t length, std::int64_t head_size, double base);

}  // namespace cram::model
