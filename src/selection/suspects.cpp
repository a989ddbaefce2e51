#include "suspects.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "cram/base/hash.h"

#include "anchors.h"
#include "bucketed_runs.h"
#include "probe_table.h"
#include "runs.h"
#include "spans.h"

namespace cram::selection {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{4} << 20;

// Documents that begin in a piece of about equal size.
Span piece_of(std::string_view text, std::size_t number) {
  const auto first_begin = [&](std::size_t at) {
    return at == 0 ? 0 : std::min(text.find(kDocumentEnd, at - 1), text.size() - 1) + 1;
  };
  return {.begin = first_begin(number * kPieceBytes),
          .end = first_begin(std::min((number + 1) * kPieceBytes, text.size()))};
}

// Of a text without many repeats.
std::uint64_t expected_anchors(std::uint64_t text_bytes, std::size_t length) {
  return 2 * text_bytes / (anchors_in(length) + 1);
}

std::vector<Run> anchors_of(std::string_view text, const Span& piece, std::size_t length,
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
  return runs;
}

// The places of the runs whose hash stands in several, in no order.
std::vector<std::uint64_t> places_of_several(const Bucket& bucket) {
  constexpr std::uint64_t kCollected = ~std::uint64_t{0};
  ProbeTable<Run> met(bucket.size());  // each hash where it stood first, until that is collected
  std::vector<std::uint64_t> places;
  bucket.for_each([&](const Run& run) {
    Run* first = met.find(run.hash, [](const Run&) { return true; });
    if (first == nullptr) return met.insert(run);
    if (first->place != kCollected) places.push_back(first->place);
    first->place = kCollected;
    places.push_back(run.place);
  });
  return places;
}

// First bytes of the runs of `length` bytes around the places.
std::vector<Span> spans_around(const std::vector<std::vector<std::uint64_t>>& places,
                               std::size_t length) {
  std::vector<std::uint64_t> sorted;
  for (const auto& some : places) sorted.insert(sorted.end(), some.begin(), some.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<Span> spans;
  for (const std::uint64_t place : sorted) {
    const std::uint64_t before = std::min<std::uint64_t>(place, anchors_in(length));
    append(spans, {.begin = place - before, .end = place});
  }
  return spans;
}

}  // namespace

std::vector<Span> find_suspects(std::string_view text, const RepeatOptions& options,
                                const std::function<void(double share)>& on_part) {
  const std::size_t pieces = (text.size() + kPieceBytes - 1) / kPieceBytes;
  const auto find = [&](const Pass& pass) {
    const auto gather = [&](std::size_t number) {
      return anchors_of(text, piece_of(text, number), options.bytes, pass.range);
    };
    return spans_around(meet(pieces, pass, options.threads, gather, places_of_several),
                        options.bytes);
  };
  return unite_passes(expected_anchors(text.size(), options.bytes), options.memory, find, on_part);
}

}  // namespace cram::selection
