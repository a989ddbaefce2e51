// The trainer's numbers in a checkpoint, as JSON.
#pragma once

#include <string>

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

}  // namespace cram::train
