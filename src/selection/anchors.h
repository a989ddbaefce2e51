// Which runs of a document stand for longer ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace cram::selection {

// Runs of this length stand for those of `length` bytes.
[[nodiscard]] constexpr std::size_t anchor_bytes(std::size_t length) { return (length + 1) / 2; }
// So many of them are in a longer one.
[[nodiscard]] constexpr std::size_t anchors_in(std::size_t length) {
  return length - anchor_bytes(length) + 1;
}

struct Anchor {
  std::size_t place = 0;  // where it begins
  std::size_t first = 0;  // where the first run begins that it stands for
};

// Calls `visit` with those of all runs of `length` bytes, in their order: each stands for the runs
// from its first one to that of the next anchor, or to the last run.
//
// Of all the runs of half the length in such a run, the one whose first bytes have the least number
// stands for it, of equal ones the first: the same wherever the whole stands ("winnowing",
// Schleimer et al. 2003). Few are the least anywhere: 2 in anchors_in(length) + 1 of random bytes.
void find_anchors(std::string_view document, std::size_t length,
                  const std::function<void(const Anchor& anchor)>& visit);

}  // namespace cram::selection
