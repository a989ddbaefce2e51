// The one line that says how a run is doing.
#pragma once

#include <cstddef>
#include <string>

#include "cram/report/events.h"

namespace cram::report {

struct LineStyle {
  std::size_t width = 79;  // in columns; what matters least is left out until the line fits
  bool bar = true;         // draw the share of the budget, given 100 columns
  double unix_now = 0;     // the time of day, for the time of the finish
};

// Plain ASCII, so that bytes are columns, and never longer than `style.width`. Quantities that are
// not known (a speed of zero, no finite time left) are left out rather than made up.
[[nodiscard]] std::string status_line(const Progress& progress, const LineStyle& style);

// When `then` comes, seen from `now` (both seconds since 1970), on the local clock: "17:42",
// "Tue 17:42" on another day, "3 Dec 17:42" when that is a week or more away.
[[nodiscard]] std::string time_of_day(double now, double then);

}  // namespace cram::report
