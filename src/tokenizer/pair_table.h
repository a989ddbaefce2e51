// Pairs of neighbouring symbols, their counts and the words that they were seen in.
#pragma once

#include <cstdint>
#include <vector>

namespace cram::tokenizer {

using Symbol = std::uint32_t;

struct SymbolPair {
  Symbol left, right;
  friend auto operator<=>(const SymbolPair&, const SymbolPair&) = default;
};

class PairTable {
 public:
  struct Entry {
    SymbolPair pair;
    std::int64_t count = 0;
    std::vector<std::uint32_t> new_words{};  // ascending; not yet handed to the queue
  };

  PairTable() : slots_(kFirstSlots) {}

  // The index of the pair's entry, which is made when there is none. Indexes stay valid.
  std::uint32_t index_of(SymbolPair pair) {
    for (std::size_t at = hash(pair);; ++at) {
      Slot& slot = slots_[at & (slots_.size() - 1)];
      if (slot.index == kFree) {
        slot = {.pair = pair, .index = static_cast<std::uint32_t>(entries_.size())};
        const std::uint32_t index = slot.index;
        entries_.push_back({.pair = pair});
        if (entries_.size() * 2 > slots_.size()) grow();
        return index;
      }
      if (slot.pair == pair) return slot.index;
    }
  }

  [[nodiscard]] Entry& operator[](std::uint32_t index) { return entries_[index]; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  static constexpr std::size_t kFirstSlots = 1 << 16;
  static constexpr std::uint32_t kFree = 0xFFFFFFFF;
  struct Slot {
    SymbolPair pair{};  // once more, so that looking for it takes one look into memory
    std::uint32_t index = kFree;
  };

  static std::size_t hash(SymbolPair pair) {
    const std::uint64_t key = std::uint64_t{pair.left} << 32 | pair.right;
    const std::uint64_t mixed = key * 0x9E3779B97F4A7C15;
    return mixed ^ mixed >> 32;
  }

  void grow() {
    slots_.assign(slots_.size() * 2, {});
    for (std::uint32_t index = 0; index < entries_.size(); ++index) {
      const SymbolPair pair = entries_[index].pair;
      std::size_t at = hash(pair);
      while (slots_[at & (slots_.size() - 1)].index != kFree) ++at;
      slots_[at & (slots_.size() - 1)] = {.pair = pair, .index = index};
    }
  }

  std::vector<Slot> slots_;
  std::vector<Entry> entries_;
};

}  // namespace cram::tokenizer
