// A training loop's numbers in a checkpoint, as JSON.
#pragma once

#include <string>

#include "cram/train/budget.h"

namespace cram::train {

struct SavedScalars {
  Position position;
  double validated_share = -1;  // of the budget at the last validation; below 0: none yet
  std::int64_t skipped_updates = 0;
  std::string environment = "{}";  // JSON object: what else the arithmetic depends on
};

[[nodiscard]] std::string encode_scalars(const SavedScalars& scalars);
// Throws Error{kData} when the text is not what encode_scalars wrote.
[[nodiscard]] SavedScalars decode_scalars(const std::string& json);

// "threads 2 -> 1, precision Float -> BFloat16"; empty when the two objects agree.
[[nodiscard]] std::string environment_differences(const std::string& before,
                                                  const std::string& now);

// Says on the log when the two differ, so that the bytes of a continued run may, too.
void warn_of_other_environment(const std::string& before, const std::string& now);

// The value of a key as JSON, or nothing where the object has no such key.
[[nodiscard]] std::string environment_value(const std::string& environment, const std::string& key);

}  // namespace cram::train
