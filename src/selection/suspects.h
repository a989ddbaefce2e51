// Where a repeat may stand, by a look at some of the text alone.
#pragma once

#include <string_view>

#include "cram/selection/repeats.h"

#include "meeting.h"
#include "place_set.h"

namespace cram::selection {

// The places where runs of `options.bytes` bytes begin that may stand elsewhere too. All that do
// are among them; of the others some places of runs that do not lie in one document, too.
//
// Of the shorter runs that stand for them (anchors.h) it is asked whether these stand elsewhere, by
// their hashes alone.
[[nodiscard]] PlaceSet find_suspects(std::string_view text, const RepeatOptions& options,
                                     const OnPart& on_part);

}  // namespace cram::selection
