#include "place_set.h"

#include <algorithm>
#include <bit>

namespace cram::selection {
namespace {

// Calls `use(place, bits)` for each word that has places of the span, with the bits of these and
// one of its places.
template <class Use>
void for_each_word(const Span& places, const Use& use) {
  for (std::uint64_t begin = places.begin; begin < places.end;) {
    const std::uint64_t end = std::min(places.end, (begin / 64 + 1) * 64);
    use(begin, (~std::uint64_t{0} >> (64 - (end - begin))) << (begin % 64));
    begin = end;
  }
}

}  // namespace

PlaceSet::PlaceSet(std::uint64_t places, const std::filesystem::path& folder)
    : places_(places),
      memory_((places + 63) / 64 * sizeof(std::uint64_t), folder),
      words_(reinterpret_cast<std::uint64_t*>(memory_.bytes().data())) {}

void PlaceSet::add(const Span& places) {
  for_each_word(places, [&](std::uint64_t place, std::uint64_t bits) {
    word(place).fetch_or(bits, std::memory_order_relaxed);
  });
}

void PlaceSet::remove(const Span& places) {
  for_each_word(places, [&](std::uint64_t place, std::uint64_t bits) {
    word(place).fetch_and(~bits, std::memory_order_relaxed);
  });
}

std::uint64_t PlaceSet::size() const {
  std::uint64_t size = 0;
  for (std::uint64_t number = 0; number < (places_ + 63) / 64; ++number) {
    size += static_cast<std::uint64_t>(std::popcount(load(number)));
  }
  return size;
}

std::uint64_t PlaceSet::find(std::uint64_t begin, std::uint64_t end, std::uint64_t flip) const {
  if (begin >= end) return end;
  std::uint64_t number = begin / 64;
  std::uint64_t bits = (load(number) ^ flip) >> (begin % 64) << (begin % 64);
  while (bits == 0) {
    if (++number * 64 >= end) return end;
    bits = load(number) ^ flip;
  }
  return std::min(end, number * 64 + static_cast<std::uint64_t>(std::countr_zero(bits)));
}

}  // namespace cram::selection
