#include "bucketed_runs.h"

#include <algorithm>

#include "spans.h"

namespace cram::selection {
namespace {

std::size_t bucket_of(const Run& run) {
  static_assert(BucketedRuns::kBuckets == 256);
  return run.hash >> 56;
}

}  // namespace

BucketedRuns::BucketedRuns(const std::vector<Run>& runs) : runs_(runs.size()) {
  for (const Run& run : runs) ++begins_[bucket_of(run) + 1];
  for (std::size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
  auto next = begins_;
  for (const Run& run : runs) runs_[next[bucket_of(run)]++] = run;
}

std::vector<Span> unite_passes(std::uint64_t runs, std::int64_t memory, const FindSpans& find,
                               const OnPart& on_part) {
  constexpr std::uint64_t kBytesOfRun = 22;
  const std::uint64_t passes = std::min(
      kBytesOfRun * runs / static_cast<std::uint64_t>(std::max<std::int64_t>(memory, 1)) + 1,
      std::uint64_t{1} << 31);
  std::vector<Span> all;
  for (std::uint64_t number = 0; number < passes; ++number) {
    const auto on_part_of_pass = [&](double share) {
      on_part((static_cast<double>(number) + share) / static_cast<double>(passes));
    };
    all = unite(all, find({.number = number, .of = passes}, on_part_of_pass));
  }
  return all;
}

}  // namespace cram::selection
