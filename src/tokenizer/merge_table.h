// Which two neighbouring tokens become one, and in which order: the merges of BPE.
#pragma once

#include <cstdint>
#include <vector>

#include "cram/tokenizer/tokenizer.h"

namespace cram::tokenizer {

class MergeTable {
 public:
  struct Merge {
    std::uint32_t rank;  // the lowest goes first
    TokenId result;
  };

  explicit MergeTable(std::size_t merges) {
    std::size_t slots = 16;
    while (slots < 2 * merges) slots *= 2;
    slots_.resize(slots);
  }

  // At most as many as were announced. A pair that is there already gets the new merge.
  void add(TokenId left, TokenId right, Merge merge) {
    const std::uint64_t pair = key_of(left, right);
    std::size_t at = first_slot(pair);
    while (slots_[at].pair != kFree && slots_[at].pair != pair) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {pair, merge};
  }

  // The merge of the pair, or null.
  [[nodiscard]] const Merge* find(TokenId left, TokenId right) const {
    const std::uint64_t pair = key_of(left, right);
    for (std::size_t at = first_slot(pair);; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].pair == pair) return &slots_[at].merge;
      if (slots_[at].pair == kFree) return nullptr;
    }
  }

 private:
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};  // no token has such an id
  struct Slot {
    std::uint64_t pair = kFree;
    Merge merge{};
  };

  static std::uint64_t key_of(TokenId left, TokenId right) {
    return std::uint64_t{left} << 32 | right;
  }
  [[nodiscard]] std::size_t first_slot(std::uint64_t pair) const {
    const std::uint64_t mixed = pair * 0x9E3779B97F4A7C15;
    return (mixed ^ mixed >> 32) & (slots_.size() - 1);
  }

  std::vector<Slot> slots_;  // a power of two, at most half full
};

}  // namespace cram::tokenizer
