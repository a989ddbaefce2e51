#include "suspects.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "cram/base/hash.h"
#include "cram/base/pipeline.h"

#include "anchors.h"
#include "probe_table.h"
#include "runs.h"
#include "spans.h"

namespace cram::selection {
namespace {

constexpr std::size_t kBuckets = 256;
constexpr std::size_t kPieceBytes = std::size_t{4} << 20;
constexpr double kShareOfGathering = 0.8;  // of the time

std::size_t bucket_of(const Run& run) { return run.hash >> 56; }

// Runs of a piece of the text, by their buckets; in a bucket as they stand in the text.
class BucketedRuns {
 public:
  explicit BucketedRuns(const std::vector<Run>& runs) : runs_(runs.size()) {
    for (const Run& run : runs) ++begins_[bucket_of(run) + 1];
    for (std::size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
    auto next = begins_;
    for (const Run& run : runs) runs_[next[bucket_of(run)]++] = run;
  }

  [[nodiscard]] std::span<const Run> bucket(std::size_t number) const {
    return std::span(runs_).subspan(begins_[number], begins_[number + 1] - begins_[number]);
  }

 private:
  std::vector<Run> runs_;
  std::array<std::size_t, kBuckets + 1> begins_{};
};

using Pieces = std::vector<BucketedRuns>;

// Documents that begin in a piece of about equal size.
Span piece_of(std::string_view text, std::size_t number) {
  const auto first_begin = [&](std::size_t at) {
    return at == 0 ? 0 : std::min(text.find(kDocumentEnd, at - 1), text.size() - 1) + 1;
  };
  return {.begin = first_begin(number * kPieceBytes),
          .end = first_begin(std::min((number + 1) * kPieceBytes, text.size()))};
}

BucketedRuns runs_in(std::string_view text, const Span& piece, std::size_t length,
                     const HashRange& range) {
  std::vector<Run> runs;
  const std::string_view in_piece = text.substr(piece.begin, piece.end - piece.begin);
  for_each_document(in_piece, [&](const Span& span) {
    const std::string_view document = in_piece.substr(span.begin, span.end - span.begin);
    for (const std::size_t anchor : find_anchors(document, length)) {
      const std::uint64_t hash = hash64(document.data() + anchor, anchor_bytes(length));
      if (!range.holds(hash)) continue;
      runs.push_back({.hash = hash, .place = piece.begin + span.begin + anchor + 1});
    }
  });
  return BucketedRuns(runs);
}

// The places of the runs of a bucket that stand in several.
std::vector<std::uint64_t> places_of_several(const Pieces& pieces, std::size_t bucket) {
  constexpr std::uint64_t kCollected = ~std::uint64_t{0};
  std::size_t all = 0;
  for (const BucketedRuns& piece : pieces) all += piece.bucket(bucket).size();
  ProbeTable<Run> met(all);  // each hash where it stood first, until that is collected
  std::vector<std::uint64_t> places;
  for (const BucketedRuns& piece : pieces) {
    for (const Run& run : piece.bucket(bucket)) {
      Run* first = met.find(run.hash, [](const Run&) { return true; });
      if (first == nullptr) {
        met.insert(run);
        continue;
      }
      if (first->place != kCollected) places.push_back(first->place);
      first->place = kCollected;
      places.push_back(run.place);
    }
  }
  return places;
}

// Does `work(number)` for so many numbers and takes what comes of each, in their order.
template <class Work, class Take>
void for_each_number(std::size_t count, int threads, const Work& work, const Take& take) {
  std::size_t taken = 0;
  const auto next = [&] { return taken < count ? std::optional(taken++) : std::nullopt; };
  run_ordered_pipeline(threads, next, work, take);
}

// What there is to find in so many passes, of which each takes the hashes of one range.
class Pass {
 public:
  Pass(std::string_view text, const RepeatOptions& options, const HashRange& range)
      : text_(text), options_(options), range_(range) {}

  // Calls `on_part` with the share of this pass that is done.
  template <class OnPart>
  [[nodiscard]] std::vector<Span> run(const OnPart& on_part) const {
    return spans_around(places_of_several_in(gather(on_part), on_part));
  }

 private:
  template <class OnPart>
  [[nodiscard]] Pieces gather(const OnPart& on_part) const {
    Pieces pieces;
    const std::size_t count = (text_.size() + kPieceBytes - 1) / kPieceBytes;
    const auto work = [&](std::size_t number) {
      return runs_in(text_, piece_of(text_, number), options_.bytes, range_);
    };
    for_each_number(count, options_.threads, work, [&](BucketedRuns runs) {
      pieces.push_back(std::move(runs));
      on_part(kShareOfGathering * static_cast<double>(pieces.size()) / static_cast<double>(count));
    });
    return pieces;
  }

  template <class OnPart>
  [[nodiscard]] std::vector<std::uint64_t> places_of_several_in(const Pieces& pieces,
                                                                const OnPart& on_part) const {
    std::vector<std::uint64_t> places;
    std::size_t done = 0;
    const auto work = [&](std::size_t bucket) { return places_of_several(pieces, bucket); };
    for_each_number(kBuckets, options_.threads, work, [&](const std::vector<std::uint64_t>& some) {
      places.insert(places.end(), some.begin(), some.end());
      const double share = static_cast<double>(++done) / static_cast<double>(kBuckets);
      on_part(kShareOfGathering + (1 - kShareOfGathering) * share);
    });
    std::sort(places.begin(), places.end());
    return places;
  }

  [[nodiscard]] std::vector<Span> spans_around(const std::vector<std::uint64_t>& places) const {
    std::vector<Span> spans;
    for (const std::uint64_t place : places) {
      const std::uint64_t before = std::min<std::uint64_t>(place, anchors_in(options_.bytes));
      append(spans, {.begin = place - before, .end = place});
    }
    return spans;
  }

  std::string_view text_;
  const RepeatOptions& options_;
  HashRange range_;
};

// How many passes it takes for the runs to fit into memory, with what the tables take.
std::uint64_t count_passes(std::string_view text, const RepeatOptions& options) {
  constexpr std::uint64_t kBytesOfRun = 22;
  const std::uint64_t runs = 2 * std::uint64_t{text.size()} / (anchors_in(options.bytes) + 1);
  const auto memory = std::max<std::uint64_t>(static_cast<std::uint64_t>(options.memory), 1);
  return std::min(kBytesOfRun * runs / memory + 1, std::uint64_t{1} << 31);
}

}  // namespace

std::vector<Span> find_suspects(std::string_view text, const RepeatOptions& options,
                                const std::function<void(double share)>& on_part) {
  std::vector<Span> all;
  const std::uint64_t passes = count_passes(text, options);
  for (std::uint64_t number = 0; number < passes; ++number) {
    const Pass pass(text, options, {.number = number, .of = passes});
    all = unite(all, pass.run([&](double share) {
      on_part((static_cast<double>(number) + share) / static_cast<double>(passes));
    }));
  }
  return all;
}

}  // namespace cram::selection
