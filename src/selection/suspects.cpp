#include "suspects.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "cram/base/hash.h"

#include "anchors.h"
#include "recurring_runs.h"
#include "runs.h"

namespace cram::selection {
namespace {

// Documents that begin in a piece of about equal size.
Span documents_of(std::string_view text, const Span& piece) {
  const auto first_begin = [&](std::size_t at) {
    return at == 0 ? 0 : std::min(text.find(kDocumentEnd, at - 1), text.size() - 1) + 1;
  };
  return {.begin = first_begin(piece.begin), .end = first_begin(piece.end)};
}

PlaceSet all_anchors(std::string_view text, const RepeatOptions& options) {
  constexpr std::uint64_t kPieceBytes = std::uint64_t{4} << 20;
  PlaceSet anchors(text.size(), options.scratch_folder);
  const std::size_t pieces = (text.size() + kPieceBytes - 1) / kPieceBytes;
  for_each_number(pieces, options.threads, [&](std::size_t number) {
    const std::uint64_t begin = number * kPieceBytes;
    const Span documents = documents_of(
        text, {.begin = begin, .end = std::min<std::uint64_t>(begin + kPieceBytes, text.size())});
    const std::string_view in_piece = text.substr(documents.begin, documents.end - documents.begin);
    for_each_document(in_piece, [&](const Span& span) {
      const std::string_view document = in_piece.substr(span.begin, span.end - span.begin);
      for (const std::size_t anchor : find_anchors(document, options.bytes)) {
        anchors.add(documents.begin + span.begin + anchor);
      }
    });
  });
  return anchors;
}

std::vector<Run> runs_at_anchors(const PlaceSet& anchors, const Span& piece, std::string_view text,
                                 std::size_t length, const HashRange& range) {
  std::vector<Run> runs;
  anchors.for_each_span(piece, [&](const Span& span) {
    for (std::uint64_t place = span.begin; place < span.end; ++place) {
      const std::uint64_t hash = hash64(text.data() + place, anchor_bytes(length));
      if (range.holds(hash)) runs.push_back({.hash = hash, .place = place + 1});
    }
  });
  return runs;
}

// Where runs begin that have an anchor in them that may stand elsewhere.
PlaceSet around_recurring_anchors(std::string_view text, const RepeatOptions& options,
                                  const OnPart& on_part) {
  PlaceSet places(text.size(), options.scratch_folder);
  const PlaceSet anchors = all_anchors(text, options);
  on_part(0.5);
  const auto runs_of = [&](const Span& piece, const HashRange& range) {
    return runs_at_anchors(anchors, piece, text, options.bytes, range);
  };
  const std::uint64_t most_before = anchors_in(options.bytes) - 1;
  const auto take = [&](std::uint64_t anchor) {
    places.add(Span{.begin = anchor - std::min(anchor, most_before), .end = anchor + 1});
  };
  find_recurring(anchors, text.size(), runs_of, options, take, part_of(on_part, 0.5, 1));
  return places;
}

}  // namespace

std::vector<Run> runs_at(const PlaceSet& places, const Span& piece, std::string_view text,
                         std::size_t length, const HashRange& range) {
  std::vector<Run> runs;
  places.for_each_span(piece, [&](const Span& span) {
    const std::uint64_t end = std::min<std::uint64_t>(span.end + length - 1, text.size());
    for_each_run(text, {.begin = span.begin, .end = end}, length, [&](const Run& run) {
      if (range.holds(run.hash)) runs.push_back(run);
    });
  });
  return runs;
}

PlaceSet find_suspects(std::string_view text, const RepeatOptions& options, const OnPart& on_part) {
  constexpr double kShareOfAnchors = 0.7;  // of the time
  PlaceSet suspects(text.size(), options.scratch_folder);
  const PlaceSet places =
      around_recurring_anchors(text, options, part_of(on_part, 0, kShareOfAnchors));
  const auto runs_of = [&](const Span& piece, const HashRange& range) {
    return runs_at(places, piece, text, options.bytes, range);
  };
  find_recurring(
      places, text.size(), runs_of, options, [&](std::uint64_t place) { suspects.add(place); },
      part_of(on_part, kShareOfAnchors, 1));
  return suspects;
}

}  // namespace cram::selection
