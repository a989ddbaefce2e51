// Where a repeat may stand, by a look at some of the text alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "runs.h"

namespace cram::selection {

// First bytes of runs of `length` bytes. Those that are in the list for no range of hashes stand in
// the text once.
//
// Of all the runs of half the length in such a run, the one with the least hash stands for it: the
// same wherever the whole stands ("winnowing", Schleimer et al. 2003). Few runs are the least
// anywhere, and only of these it is asked whether they stand elsewhere, by their hashes alone.
[[nodiscard]] std::vector<Span> find_suspects(std::string_view text, std::size_t length,
                                              const HashRange& range);

// Entries of find_suspects()' tables for all ranges together.
[[nodiscard]] std::uint64_t estimate_suspects(std::size_t text_bytes, std::size_t length);

}  // namespace cram::selection
