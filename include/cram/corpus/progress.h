// How far a pass over text has come, as a line for people: "packing  43 %  31.2 MB/s  02:10 left".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cram/base/clock.h"

namespace cram::corpus {

class ProgressMeter {
 public:
  // `total` is what `done` of update() ends at, `start` where it begins; a line is due every
  // `interval`.
  ProgressMeter(std::string label, std::uint64_t total, const Clock& clock, Seconds interval,
                std::uint64_t start = 0);

  // The line to show now, if one is due. `text_bytes` are those gone through so far.
  [[nodiscard]] std::optional<std::string> update(std::uint64_t done, std::int64_t text_bytes);

 private:
  std::string label_;
  std::uint64_t total_;
  const Clock* clock_;
  Seconds interval_;
  std::uint64_t start_done_;
  Seconds start_;
  Seconds last_;
};

// Shows the lines of a meter through the log, often on a terminal and rarely elsewhere, and takes
// the last one away at the end.
class ProgressLine {
 public:
  ProgressLine(std::string label, std::uint64_t total, std::uint64_t start = 0);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void update(std::uint64_t done, std::int64_t text_bytes);

 private:
  MonotonicClock clock_;
  ProgressMeter meter_;
};

}  // namespace cram::corpus
