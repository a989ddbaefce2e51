// Places in a text: a bit for each, an eighth of its size, kept on disk where memory is too small.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <filesystem>

#include "cram/base/scratch_memory.h"
#include "cram/selection/repeats.h"

namespace cram::selection {

// Threads may change and ask it at once; what one of them adds another may see or not.
class PlaceSet {
 public:
  // Of places below `places`; none at first. Throws Error{kStorage} when the folder has no room.
  PlaceSet(std::uint64_t places, const std::filesystem::path& folder);

  void add(std::uint64_t place) { word(place).fetch_or(bit(place), std::memory_order_relaxed); }
  void add(const Span& places);
  void remove(const Span& places);

  [[nodiscard]] bool has(std::uint64_t place) const { return (load(place / 64) & bit(place)) != 0; }
  // A pass over all of it.
  [[nodiscard]] std::uint64_t size() const;

  // The first of its places from `begin` on, or `end`.
  [[nodiscard]] std::uint64_t next(std::uint64_t begin, std::uint64_t end) const {
    return find(begin, end, 0);
  }
  // Calls `visit(place)` for each of its places in `within`.
  template <class Visit>
  void for_each(const Span& within, const Visit& visit) const {
    for (std::uint64_t number = within.begin / 64; number * 64 < within.end; ++number) {
      for (std::uint64_t bits = load(number); bits != 0; bits &= bits - 1) {
        const std::uint64_t place =
            number * 64 + static_cast<std::uint64_t>(std::countr_zero(bits));
        if (within.begin <= place && place < within.end) visit(place);
      }
    }
  }
  // Calls `visit(span)` for each row of places in it that lies in `within`, cut off at its ends.
  template <class Visit>
  void for_each_span(const Span& within, const Visit& visit) const {
    for (std::uint64_t end = within.begin;;) {
      const std::uint64_t begin = next(end, within.end);
      if (begin == within.end) return;
      end = find(begin, within.end, ~std::uint64_t{0});
      visit(Span{.begin = begin, .end = end});
    }
  }

 private:
  using Word = std::atomic_ref<std::uint64_t>;

  [[nodiscard]] static std::uint64_t bit(std::uint64_t place) {
    return std::uint64_t{1} << (place % 64);
  }
  [[nodiscard]] Word word(std::uint64_t place) const { return Word(words_[place / 64]); }
  [[nodiscard]] std::uint64_t load(std::uint64_t number) const {
    return Word(words_[number]).load(std::memory_order_relaxed);
  }
  // The first place from `begin` on that is in it, or with `flip` of ones that is not; else `end`.
  [[nodiscard]] std::uint64_t find(std::uint64_t begin, std::uint64_t end,
                                   std::uint64_t flip) const;

  std::uint64_t places_;
  ScratchMemory memory_;
  std::uint64_t* words_;
};

}  // namespace cram::selection
