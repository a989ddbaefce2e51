// Where a repeat may stand, by a look at some of the text alone.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "cram/selection/repeats.h"

namespace cram::selection {

// First bytes of runs of `options.bytes` bytes. Those that are not among them stand in the text
// once.
//
// Of the runs that stand for longer ones (anchors.h) it is asked whether they stand elsewhere, by
// their hashes alone. They are gathered from pieces of the text and met in buckets, both on all
// threads; what does not fit into `options.memory` takes more than one pass over the text.
//
// Calls `on_part` on the calling thread with the share that is done.
[[nodiscard]] std::vector<Span> find_suspects(std::string_view text, const RepeatOptions& options,
                                              const std::function<void(double share)>& on_part);

}  // namespace cram::selection
