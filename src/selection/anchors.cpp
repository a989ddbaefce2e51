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

void find_anchors(std::string_view document, std::size_t length,
                  const std::function<void(const Anchor& anchor)>& visit) {
  if (document.size() < length) return;
  const Order order(document, length);
  const std::size_t window = anchors_in(length);
  const std::size_t end = document.size() - anchor_bytes(length) + 1;
  // In the window from `begin` on, where no number is below `bound`.
  const auto least_from = [&](std::size_t begin, std::uint64_t bound) {
    std::size_t least = begin;
    std::uint64_t number = order[begin];
    for (std::size_t at = begin + 1; at < begin + window && number > bound; ++at) {
      if (const std::uint64_t other = order[at]; other < number) least = at, number = other;
    }
    return least;
  };
  std::size_t least = least_from(0, 0);
  visit({.place = least, .first = 0});
  for (std::size_t next = window; next < end; ++next) {  // the last of its window
    const std::uint64_t number = order[least];
    const std::size_t stays_until = std::min(least + window, end);
    while (next < stays_until && order[next] >= number) ++next;
    if (next == end) break;
    least = next < stays_until ? next : least_from(least + 1, std::min(order[next], number));
    visit({.place = least, .first = next + 1 - window});
  }
}

}  // namespace cram::selection
