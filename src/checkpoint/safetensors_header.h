// The JSON header of a safetensors file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "cram/checkpoint/safetensors.h"

namespace cram::checkpoint {

inline constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // as in the reference reader

struct TensorEntry {
  std::string name;
  at::ScalarType type = at::kFloat;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;  // bytes, counted from the end of the header
};

struct SafetensorsHeader {
  std::vector<TensorEntry> entries;  // in the order of their data
  Metadata metadata;
};

// Padded with spaces so that the data starts at a multiple of 8. Throws Error{kInternal} for a type
// or name that the format has no room for, naming `file`.
[[nodiscard]] std::string render_header(const SafetensorsHeader& header, const std::string& file);

// Checks every rule of the specification: known types, shapes that match their bytes, and entries
// that cover all `data_bytes` without overlap or hole. Throws Error{kData}, naming `file`.
[[nodiscard]] SafetensorsHeader parse_header(std::string_view json, std::uint64_t data_bytes,
                                             const std::string& file);

}  // namespace cram::checkpoint
