// The trainer's part of a checkpoint: numbers as JSON, tensors copied into place.
#pragma once

#include <string>

#include "cram/checkpoint/store.h"
#include "cram/train/budget.h"

namespace cram::train {

struct SavedScalars {
  Position position;
  std::size_t validations_done = 0;
  std::int64_t skipped_updates = 0;
  std::string environment = "{}";  // JSON object: what else the arithmetic depends on
};

[[nodiscard]] std::string encode_scalars(const SavedScalars& scalars);
// Throws Error{kData} when the text is not what encode_scalars wrote.
[[nodiscard]] SavedScalars decode_scalars(const std::string& json);

// "threads 2 -> 1, precision Float -> BFloat16"; empty when the two objects agree.
[[nodiscard]] std::string environment_differences(const std::string& before,
                                                  const std::string& now);

// Copies each tensor of `from` into the tensor of the same name in `to`. Names, shapes and types
// must be the same on both sides; otherwise throws Error{kData}, naming the first that differs and
// `what` it belongs to.
void copy_state(const checkpoint::NamedTensors& from, const checkpoint::NamedTensors& to,
                const std::string& what);

}  // namespace cram::train
