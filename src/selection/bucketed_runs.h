// Runs of a text, met by their hashes on many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "cram/base/pipeline.h"

#include "runs.h"

namespace cram::selection {

// Runs of a piece of the text, by their buckets; in a bucket as they stand in the text.
class BucketedRuns {
 public:
  BucketedRuns(const std::vector<Run>& runs, std::size_t buckets);

  [[nodiscard]] std::span<const Run> bucket(std::size_t number) const {
    return std::span(runs_).subspan(begins_[number], begins_[number + 1] - begins_[number]);
  }

 private:
  std::vector<Run> runs_;
  std::vector<std::size_t> begins_;  // of each bucket, and the end of the last
};

// The runs of a bucket in all pieces, which come in the order of the text.
class Bucket {
 public:
  Bucket(const std::vector<BucketedRuns>& pieces, std::size_t number)
      : pieces_(pieces), number_(number) {}

  [[nodiscard]] std::size_t size() const {
    std::size_t runs = 0;
    for (const BucketedRuns& piece : pieces_) runs += piece.bucket(number_).size();
    return runs;
  }
  // Calls `visit(run)` for each.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (const BucketedRuns& piece : pieces_) {
      for (const Run& run : piece.bucket(number_)) visit(run);
    }
  }

 private:
  const std::vector<BucketedRuns>& pieces_;
  std::size_t number_;
};

using OnPart = std::function<void(double share)>;

// What is done with the runs of one range of hashes.
struct Pass {
  HashRange range;
  std::size_t buckets = 1;
  OnPart on_part;  // to be called with the share of the pass that is done
};

// Gathers the runs of so many pieces, `gather(piece)`, then calls `settle(Bucket)` for each bucket,
// both on `threads` threads; returns what comes of the buckets, in their order.
template <class Gather, class Settle>
auto meet(std::size_t pieces, const Pass& pass, int threads, const Gather& gather,
          const Settle& settle) {
  constexpr double kShareOfGathering = 0.8;  // of the time
  const auto count_to = [](std::size_t end) {
    return [end, next = std::size_t{0}]() mutable {
      return next < end ? std::optional(next++) : std::nullopt;
    };
  };
  const auto share = [](std::size_t part, std::size_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  };
  std::vector<BucketedRuns> gathered;
  run_ordered_pipeline(
      threads, count_to(pieces),
      [&](std::size_t piece) { return BucketedRuns(gather(piece), pass.buckets); },
      [&](BucketedRuns runs) {
        gathered.push_back(std::move(runs));
        pass.on_part(kShareOfGathering * share(gathered.size(), pieces));
      });
  std::vector<decltype(settle(Bucket(gathered, 0)))> settled;
  run_ordered_pipeline(
      threads, count_to(pass.buckets),
      [&](std::size_t number) { return settle(Bucket(gathered, number)); },
      [&](auto result) {
        settled.push_back(std::move(result));
        pass.on_part(kShareOfGathering +
                     (1 - kShareOfGathering) * share(settled.size(), pass.buckets));
      });
  return settled;
}

// Calls `find` for so many ranges that `runs` runs, with what meeting them takes, fit into `memory`
// bytes a pass at a time, and unites what it finds; in buckets of which a table fits into cache.
[[nodiscard]] std::vector<Span> unite_passes(
    std::uint64_t runs, std::int64_t memory,
    const std::function<std::vector<Span>(const Pass& pass)>& find, const OnPart& on_part);

}  // namespace cram::selection
