// Quantities as people write them, "24h", "4GiB", "32k", and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cram/base/clock.h"

namespace cram {

// "90s", "20m", "24h", "7d", "1.5h", "1h30m". A bare number is refused: the unit matters.
[[nodiscard]] std::optional<Seconds> parse_duration(std::string_view text);
// "4GiB", "512MiB", "10GB", "123" (bytes).
[[nodiscard]] std::optional<std::int64_t> parse_bytes(std::string_view text);
// "32768", "32k", "1.5M", "10B": powers of 1000; must come out whole.
[[nodiscard]] std::optional<std::int64_t> parse_count(std::string_view text);

// Canonical forms: parse_duration(format_duration(x)) == x for whole milliseconds.
[[nodiscard]] std::string format_duration(Seconds duration);
[[nodiscard]] std::string format_bytes(std::int64_t bytes);          // "1.5 GiB"
[[nodiscard]] std::string format_count(std::int64_t count);          // "119,589,889"
[[nodiscard]] std::string format_fixed(double value, int decimals);  // "4.5671"
[[nodiscard]] std::string format_short(double count);                // "4.12 M"
[[nodiscard]] std::string format_clock(Seconds duration);            // "1:02:03" or "02:03"

}  // namespace cram
