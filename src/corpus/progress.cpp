#include "cram/corpus/progress.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "cram/base/log.h"
#include "cram/base/units.h"

namespace cram::corpus {

ProgressMeter::ProgressMeter(std::string label, std::uint64_t total, const Clock& clock,
                             Seconds interval, std::uint64_t start)
    : label_(std::move(label)),
      total_(std::max<std::uint64_t>(total, 1)),
      clock_(&clock),
      interval_(interval),
      start_done_(start),
      start_(clock.now()),
      last_(start_) {}

std::optional<std::string> ProgressMeter::update(std::uint64_t done, std::int64_t text_bytes) {
  const Seconds now = clock_->now();
  if (now - last_ < interval_) return std::nullopt;
  last_ = now;
  const auto share_of = [this](std::uint64_t part) {
    return std::min(1.0, static_cast<double>(part) / static_cast<double>(total_));
  };
  const double share = share_of(done);
  const double gained = share - share_of(start_done_);
  const Seconds elapsed = now - start_;
  const double rate = static_cast<double>(text_bytes) / 1e6 / elapsed.count();
  std::array<char, 64> numbers{};
  std::snprintf(numbers.data(), numbers.size(), "  %3.0f %%  %.1f MB/s", 100 * share, rate);
  std::string line = label_ + numbers.data();
  // Before the first hundredth the time left would be a guess.
  if (gained >= 0.01) line += "  " + format_clock(elapsed * ((1 - share) / gained)) + " left";
  return line;
}

ProgressLine::ProgressLine(std::string label, std::uint64_t total, std::uint64_t start)
    : meter_(std::move(label), total, clock_, Seconds(log::is_terminal() ? 0.1 : 10.0), start) {}

ProgressLine::~ProgressLine() { log::progress(""); }

void ProgressLine::update(std::uint64_t done, std::int64_t text_bytes) {
  if (const auto line = meter_.update(done, text_bytes)) log::progress(*line);
}

}  // namespace cram::corpus
