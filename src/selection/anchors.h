// Which runs of a document stand for longer ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cram::selection {

// Runs of this length stand for those of `length` bytes.
[[nodiscard]] constexpr std::size_t anchor_bytes(std::size_t length) { return (length + 1) / 2; }
// So many of them are in a longer one.
[[nodiscard]] constexpr std::size_t anchors_in(std::size_t length) {
  return length - anchor_bytes(length) + 1;
}

// Where the runs begin that stand for one of `length` bytes or more, ascending.
//
// Of all the runs of half the length in such a run, the one whose first bytes have the least number
// stands for it, of equal ones the first: the same wherever the whole stands ("winnowing",
// Schleimer et al. 2003). Few are the least anywhere: 2 in anchors_in(length) + 1 of random bytes.
[[nodiscard]] std::vector<std::size_t> find_anchors(std::string_view document, std::size_t length);

}  // namespace cram::selection
