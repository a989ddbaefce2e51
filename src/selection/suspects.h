// Where a repeat may stand, by a look at some of the text alone.
#pragma once

#include <string_view>

#include "cram/selection/repeats.h"

#include "meeting.h"
#include "place_set.h"

namespace cram::selection {

// The places where runs of `options.bytes` bytes begin that may stand elsewhere too. All that do
// are among them.
//
// Of the runs that stand for longer ones (anchors.h) it is asked first whether they stand
// elsewhere, by their hashes alone, and then of those that have such a one in them.
[[nodiscard]] PlaceSet find_suspects(std::string_view text, const RepeatOptions& options,
                                     const OnPart& on_part);

// Runs of `length` bytes that begin at the set's places in `piece`, lie in one document and have a
// hash in the range.
[[nodiscard]] std::vector<Run> runs_at(const PlaceSet& places, const Span& piece,
                                       std::string_view text, std::size_t length,
                                       const HashRange& range);

}  // namespace cram::selection
