// Runs of a text that have the same hash meet: on many threads, in passes that fit into memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "runs.h"

namespace cram::selection {

// Called with the share that is done.
using OnPart = std::function<void(double share)>;

// `on_part` for the part of its work from `begin` to `end`.
[[nodiscard]] OnPart part_of(const OnPart& on_part, double begin, double end);

// Calls `work(number)` for the numbers below `count`, on `threads` threads. Throws Interrupted when
// the process is asked to stop.
void for_each_number(
    std::size_t count, int threads, const std::function<void(std::size_t number)>& work,
    const OnPart& on_part = [](double) {});

// Runs of a piece of the text, by their buckets; in a bucket as they stand in the text.
class BucketedRuns {
 public:
  BucketedRuns(const std::vector<Run>& runs, std::size_t buckets);

  [[nodiscard]] std::span<const Run> bucket(std::size_t number) const {
    return std::span(runs_).subspan(begins_[number], begins_[number + 1] - begins_[number]);
  }
  [[nodiscard]] std::uint64_t bytes() const {
    return runs_.size() * sizeof(Run) + begins_.size() * sizeof(std::size_t);
  }

 private:
  std::vector<Run> runs_;
  std::vector<std::size_t> begins_;  // of each bucket, and the end of the last
};

// What is done with the runs of one range of hashes. A quarter of the memory is for runs on their
// way to their bucket, the rest for what the buckets keep.
struct Pass {
  HashRange range;
  std::size_t buckets = 1;
  std::uint64_t keys_of_bucket = 0;  // about
  std::uint64_t most_bytes = 0;      // of runs on their way
};

// Makes passes until all hashes had theirs.
class Passes {
 public:
  // A bucket keeps `bytes_of_key` of each run.
  Passes(std::int64_t memory, std::uint64_t bytes_of_key);

  // Calls `run(pass, on_part)` for each. `count` says before each how many runs there are, those
  // whose hashes had a pass among them.
  void for_each(const std::function<std::uint64_t()>& count,
                const std::function<void(const Pass& pass, const OnPart& on_part)>& run,
                const OnPart& on_part);

 private:
  // The next, where `keys` runs have hashes that no pass had.
  [[nodiscard]] std::optional<Pass> next(std::uint64_t keys);
  // Of the hashes, those that passes had.
  [[nodiscard]] double share_begun() const { return share_of(begin_); }

  static constexpr std::uint64_t kEnd = HashRange().end;

  [[nodiscard]] static double share_of(std::uint64_t hash) {
    return static_cast<double>(hash) / static_cast<double>(kEnd);
  }

  std::uint64_t most_bytes_;
  std::uint64_t keys_at_a_time_;
  std::uint64_t begin_ = 0;
};

// Brings the runs of a pass to their buckets, as often as it is asked to.
class Meeting {
 public:
  // The pass's runs that begin at some of the places in `piece`, in order.
  using Gather = std::function<std::vector<Run>(const Span& piece)>;
  using Settle = std::function<void(std::size_t bucket, std::span<const Run> runs)>;

  // Of a text with so many places, on so many threads.
  Meeting(std::uint64_t places, const Pass& pass, int threads, Gather gather);

  // `settle` gets the runs of each bucket in several calls, one at a time, in the order of the
  // text. They are gathered again only where they do not fit into memory together.
  // Throws Interrupted when the process is asked to stop.
  void hold(const Settle& settle, const OnPart& on_part);

 private:
  void gather_and_settle(const Settle& settle, const OnPart& on_part);
  void settle_all(const Settle& settle);

  std::uint64_t places_;
  const Pass pass_;
  int threads_;
  Gather gather_;
  std::vector<BucketedRuns> gathered_;
  bool has_all_ = false;
};

}  // namespace cram::selection
