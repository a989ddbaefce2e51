// What events.jsonl tells about a run, as far as it can be read.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "cram/report/events.h"

namespace cram::report {

struct TimedNote {
  std::string time, kind;
  std::string details;  // a JSON object
};

struct RunRecord {
  // Both in order of steps. What a resumed run did again stands here once, as it was last.
  std::vector<Progress> progress;
  std::vector<Validation> validations;
  std::vector<TimedNote> notes;
  std::string first_time, last_time;
  std::size_t damaged_lines = 0;
};

// Lines that are not events are counted and skipped; missing or null numbers are NaN, or 0 where
// they are whole. Throws Error{kData} when the file cannot be read.
[[nodiscard]] RunRecord read_run_record(const std::filesystem::path& events_file);

}  // namespace cram::report
