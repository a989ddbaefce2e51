#include "cram/text/bad_records.h"

#include <array>
#include <atomic>
#include <mutex>
#include <vector>

#include "cram/base/error.h"
#include "cram/base/units.h"
#include "cram/text/printable.h"

namespace cram::text {
namespace {

constexpr std::size_t kPlacesKept = 3;
constexpr std::array<const char*, BadRecords::kKinds> kNames = {
    "invalid UTF-8", "NUL character", "broken JSON", "missing text", "damaged file", "too long"};

using Tally = BadRecords::Counts::OfKind;

std::string describe(const Tally& tally) {
  std::string text = format_count(tally.count) + " (";
  for (std::size_t i = 0; i < tally.places.size(); ++i) {
    text += (i == 0 ? "" : "; ") + tally.places[i];
  }
  if (tally.count > static_cast<std::int64_t>(tally.places.size())) text += "; …";
  return text + ")";
}

// At least one decimal, and as many as tell a small share from zero.
std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g %%", 100 * share);
  return text;
}

}  // namespace

struct BadRecords::State {
  std::atomic<std::int64_t> good{0};
  std::atomic<std::int64_t> short_ones{0};
  std::atomic<std::int64_t> bad{0};
  std::mutex mutex;  // guards tallies
  std::array<Tally, kKinds> tallies;
};

std::shared_ptr<BadRecords::State> BadRecords::make_state() { return std::make_shared<State>(); }

void BadRecords::add(Kind kind, const std::string& place, const std::string& detail) {
  const std::lock_guard lock(state_->mutex);
  Tally& tally = state_->tallies.at(static_cast<std::size_t>(kind));
  ++tally.count;
  ++state_->bad;
  if (tally.places.size() < kPlacesKept) {
    tally.places.push_back(printable(place, 300) + ": " + printable(detail));
  }
}

void BadRecords::add(const Counts& counts) {
  const std::lock_guard lock(state_->mutex);
  state_->good += counts.good;
  state_->short_ones += counts.skipped_short;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    Tally& tally = state_->tallies[kind];
    tally.count += counts.bad[kind].count;
    state_->bad += counts.bad[kind].count;
    for (const std::string& place : counts.bad[kind].places) {
      if (tally.places.size() < kPlacesKept) tally.places.push_back(place);
    }
  }
}

BadRecords::Counts BadRecords::counts() const {
  const std::lock_guard lock(state_->mutex);
  return {.good = state_->good, .skipped_short = state_->short_ones, .bad = state_->tallies};
}

void BadRecords::count_good(std::int64_t records) { state_->good += records; }
void BadRecords::count_short(std::int64_t records) { state_->short_ones += records; }
void BadRecords::recount_as_short() {
  --state_->good;
  ++state_->short_ones;
}

std::int64_t BadRecords::bad() const { return state_->bad; }
std::int64_t BadRecords::good() const { return state_->good; }
std::int64_t BadRecords::skipped_short() const { return state_->short_ones; }

std::int64_t BadRecords::bad(Kind kind) const {
  const std::lock_guard lock(state_->mutex);
  return state_->tallies.at(static_cast<std::size_t>(kind)).count;
}

std::string BadRecords::summary() const {
  const std::lock_guard lock(state_->mutex);
  const std::int64_t bad = state_->bad;
  if (bad == 0) return "";
  std::string text = format_count(bad) + (bad == 1 ? " bad record of " : " bad records of ") +
                     format_count(bad + state_->good + state_->short_ones);
  const char* separator = ": ";
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    if (state_->tallies[kind].count == 0) continue;
    text += separator + std::string(kNames[kind]) + " " + describe(state_->tallies[kind]);
    separator = ", ";
  }
  return text;
}

void BadRecords::check(double share) const {
  const std::int64_t bad = state_->bad;
  const std::int64_t all = bad + state_->good + state_->short_ones;
  if (bad == 0 || static_cast<double>(bad) <= share * static_cast<double>(all)) return;
  throw Error(ErrorCode::kData, summary() + "; allowed are " + percent(share),
              "look at these places; a larger data.max_bad_share skips more");
}

void BadRecords::check_early(double share, double read) const {
  const std::int64_t all = state_->bad + state_->good + state_->short_ones;
  if (all >= kEarlyRecords && read > 0) check(share / read);
}

}  // namespace cram::text
