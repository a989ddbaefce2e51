#include "meeting.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cram/base/interrupt.h"
#include "cram/base/pipeline.h"

namespace cram::selection {
namespace {

std::size_t bucket_of(const Run& run, std::size_t buckets) {
  return (run.hash >> 32) * buckets >> 32;
}

}  // namespace

OnPart part_of(const OnPart& on_part, double begin, double end) {
  return [=](double share) { on_part(begin + (end - begin) * share); };
}

void for_each_number(std::size_t count, int threads,
                     const std::function<void(std::size_t number)>& work, const OnPart& on_part) {
  run_ordered_pipeline(
      count <= 1 ? 1 : threads,
      [&, next = std::size_t{0}]() mutable {
        interrupt::throw_if_stopped();
        return next < count ? std::optional(next++) : std::nullopt;
      },
      [&](std::size_t number) { return work(number), number + 1; },
      [&](std::size_t done) { on_part(static_cast<double>(done) / static_cast<double>(count)); });
}

BucketedRuns::BucketedRuns(const std::vector<Run>& runs, std::size_t buckets)
    : runs_(runs.size()), begins_(buckets + 1) {
  for (const Run& run : runs) ++begins_[bucket_of(run, buckets) + 1];
  for (std::size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
  auto next = begins_;
  for (const Run& run : runs) runs_[next[bucket_of(run, buckets)]++] = run;
}

Passes::Passes(std::int64_t memory, std::uint64_t bytes_of_key)
    : most_bytes_(static_cast<std::uint64_t>(std::max<std::int64_t>(memory, 4))),
      keys_at_a_time_(std::max<std::uint64_t>(most_bytes_ / 4 * 3 / bytes_of_key, 1)) {}

void Passes::for_each(const std::function<std::uint64_t()>& count,
                      const std::function<void(const Pass& pass, const OnPart& on_part)>& run,
                      const OnPart& on_part) {
  for (double begun = share_begun();; begun = share_begun()) {
    const double left = static_cast<double>(count()) * (1 - begun);
    const std::optional<Pass> pass = next(static_cast<std::uint64_t>(left));
    if (!pass) return;
    run(*pass, part_of(on_part, begun, share_begun()));
  }
}

// What a bucket keeps should fit into the cache of a core.
std::optional<Pass> Passes::next(std::uint64_t keys) {
  constexpr std::uint64_t kKeysOfBucket = 1 << 15;
  constexpr std::uint64_t kMostBuckets = 256;
  if (begin_ == kEnd) return std::nullopt;
  const std::uint64_t here = std::min(keys, keys_at_a_time_);
  const double share =
      static_cast<double>(here) / static_cast<double>(std::max<std::uint64_t>(keys, 1));
  const auto hashes = std::llround(std::ceil(share * static_cast<double>(kEnd - begin_)));
  Pass pass;
  pass.range = {.begin = begin_,
                .end = here == keys ? kEnd : begin_ + static_cast<std::uint64_t>(hashes)};
  pass.buckets = std::min(here / kKeysOfBucket + 1, kMostBuckets);
  pass.keys_of_bucket = here / pass.buckets + 1;
  pass.most_bytes = most_bytes_ / 4;
  begin_ = pass.range.end;
  return pass;
}

Meeting::Meeting(std::uint64_t places, const Pass& pass, int threads, Gather gather)
    : places_(places), pass_(pass), threads_(threads), gather_(std::move(gather)) {}

void Meeting::hold(const Settle& settle, const OnPart& on_part) {
  if (has_all_) {
    settle_all(settle);
  } else {
    gather_and_settle(settle, on_part);
  }
  on_part(1);
}

void Meeting::gather_and_settle(const Settle& settle, const OnPart& on_part) {
  constexpr std::uint64_t kPieceBytes = 128 << 10;
  std::uint64_t bytes = 0;  // of what was gathered
  has_all_ = true;
  run_ordered_pipeline(
      places_ <= kPieceBytes ? 1 : threads_,
      [&, next = std::uint64_t{0}]() mutable -> std::optional<Span> {
        interrupt::throw_if_stopped();
        if (next >= places_) return std::nullopt;
        const std::uint64_t begin = std::exchange(next, next + kPieceBytes);
        return Span{.begin = begin, .end = std::min(begin + kPieceBytes, places_)};
      },
      [&](const Span& piece) {
        return std::pair(piece.end, BucketedRuns(gather_(piece), pass_.buckets));
      },
      [&](auto piece) {
        bytes += piece.second.bytes();
        gathered_.push_back(std::move(piece.second));
        if (bytes >= pass_.most_bytes) {
          settle_all(settle);
          has_all_ = false;
          gathered_.clear();
          bytes = 0;
        }
        on_part(static_cast<double>(piece.first) / static_cast<double>(places_));
      });
  settle_all(settle);
  if (!has_all_) gathered_.clear();
}

void Meeting::settle_all(const Settle& settle) {
  for_each_number(pass_.buckets, threads_, [&](std::size_t bucket) {
    for (const BucketedRuns& piece : gathered_) settle(bucket, piece.bucket(bucket));
  });
}

}  // namespace cram::selection
