// Which runs of a text may stand elsewhere too, by their hashes.
#pragma once

#include <functional>
#include <vector>

#include "meeting.h"
#include "place_set.h"

namespace cram::selection {

// The runs of hashes in the range that begin at some of the set's places in `piece`, in order.
using RunsOf = std::function<std::vector<Run>(const Span& piece, const HashRange& range)>;

// Calls `take(place)`, on several threads at once, for each of the places where a run begins whose
// hash another run of theirs has, and for about 1 % of the others. The text has so many bytes.
void find_recurring(const PlaceSet& places, std::uint64_t text_bytes, const RunsOf& runs_of,
                    const RepeatOptions& options, const std::function<void(std::uint64_t)>& take,
                    const OnPart& on_part);

}  // namespace cram::selection
