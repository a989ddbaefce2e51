#include "anchors.h"

#include <algorithm>
#include <cstring>

namespace cram::selection {
namespace {

// A number for the first eight bytes of each anchor, or for all of a shorter one. Its high bits,
// which decide what is least, hang on all of them.
class Order {
 public:
  Order(std::string_view document, std::size_t length)
      : bytes_(document.data()), size_(std::min(sizeof(std::uint64_t), anchor_bytes(length))) {}

  [[nodiscard]] std::uint64_t operator[](std::size_t at) const {
    std::uint64_t first = 0;
    if (size_ == sizeof first) {
      std::memcpy(&first, bytes_ + at, sizeof first);
    } else {
      std::memcpy(&first, bytes_ + at, size_);
    }
    return first * 0x9E3779B97F4A7C15;
  }

 private:
  const char* bytes_;
  std::size_t size_;
};

}  // namespace

std::vector<Anchor> find_anchors(std::string_view document, std::size_t length) {
  std::vector<Anchor> anchors;
  if (document.size() < length) return anchors;
  const Order order(document, length);
  const std::size_t window = anchors_in(length);
  const std::size_t end = document.size() - anchor_bytes(length) + 1;
  const auto least_from = [&](std::size_t begin) {
    std::size_t least = begin;
    std::uint64_t number = order[begin];
    for (std::size_t at = begin + 1; at < begin + window; ++at) {
      if (const std::uint64_t other = order[at]; other < number) least = at, number = other;
    }
    return least;
  };
  anchors.push_back({.place = least_from(0), .first = 0});
  for (std::size_t next = window; next < end; ++next) {  // the last of its window
    const std::size_t least = anchors.back().place;
    const std::uint64_t number = order[least];
    const std::size_t stays_until = std::min(least + window, end);
    while (next < stays_until && order[next] >= number) ++next;
    if (next == end) break;
    anchors.push_back(
        {.place = next < stays_until ? next : least_from(least + 1), .first = next + 1 - window});
  }
  return anchors;
}

}  // namespace cram::selection
