#include "bucketed_runs.h"

#include <algorithm>

#include "spans.h"

namespace cram::selection {
namespace {

std::size_t bucket_of(const Run& run, std::size_t buckets) {
  return (run.hash >> 32) * buckets >> 32;
}

}  // namespace

BucketedRuns::BucketedRuns(const std::vector<Run>& runs, std::size_t buckets)
    : runs_(runs.size()), begins_(buckets + 1) {
  for (const Run& run : runs) ++begins_[bucket_of(run, buckets) + 1];
  for (std::size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
  auto next = begins_;
  for (const Run& run : runs) runs_[next[bucket_of(run, buckets)]++] = run;
}

std::vector<Span> unite_passes(std::uint64_t runs, std::int64_t memory,
                               const std::function<std::vector<Span>(const Pass& pass)>& find,
                               const OnPart& on_part) {
  constexpr std::uint64_t kBytesOfRun = 22;
  constexpr std::uint64_t kRunsOfBucket = 1 << 15;
  constexpr std::uint64_t kMostBuckets = 256;
  const auto most_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(memory, 1));
  const std::uint64_t passes =
      std::min(kBytesOfRun * runs / most_bytes + 1, std::uint64_t{1} << 31);
  const std::uint64_t buckets = std::min(runs / passes / kRunsOfBucket + 1, kMostBuckets);
  std::vector<Span> all;
  for (std::uint64_t number = 0; number < passes; ++number) {
    const Pass pass = {
        .range = {.number = number, .of = passes},
        .buckets = buckets,
        .on_part = [&](double share) {
          on_part((static_cast<double>(number) + share) / static_cast<double>(passes));
        }};
    all = unite(all, find(pass));
  }
  return all;
}

}  // namespace cram::selection
