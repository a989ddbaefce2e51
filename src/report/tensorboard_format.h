// The bytes of a TensorBoard event file: a sequence of framed records, each an Event message.
//
// A frame is  length u64 | masked crc32c of the length u32 | payload | masked crc32c of it u32,
// all little-endian (TFRecord). An Event has wall_time (field 1, double), step (2, varint) and one
// of file_version (3), summary (5) and session_log (7); a summary repeats Value (field 1) with
// tag (1) and simple_value (2, float).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cram::report {

struct Scalar {
  std::string_view tag;
  double value;
};

// The first record of every file.
[[nodiscard]] std::string version_record(double wall_time);
[[nodiscard]] std::string scalars_record(double wall_time, std::int64_t step,
                                         std::span<const Scalar> scalars);
// Tells TensorBoard to forget what earlier files say about `step` and later ones.
[[nodiscard]] std::string restart_record(double wall_time, std::int64_t step);

}  // namespace cram::report
