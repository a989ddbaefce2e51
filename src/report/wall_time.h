// The time of day, for records and people. Never for measuring: the budget has its own clock.
#pragma once

#include <string>

namespace cram::report {

// Seconds since 1970, UTC.
[[nodiscard]] double unix_now();

// "2026-11-22T11:10:00.123Z"
[[nodiscard]] std::string iso_utc(double unix_time);

}  // namespace cram::report
