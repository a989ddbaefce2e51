// Which short words are tokens as a whole: most words of a text are found here with one probe.
#pragma once

#include <cstdint>
#include <vector>

#include "cram/tokenizer/tokenizer.h"

#include "short_word.h"

namespace cram::tokenizer {

class WordTable {
 public:
  explicit WordTable(std::size_t words) {
    std::size_t slots = 16;
    while (slots < 2 * words) slots *= 2;
    slots_.resize(slots);
  }

  // `word` is not empty. At most as many words as were announced.
  void add(ShortWord word, TokenId id) {
    std::size_t at = first_slot(word);
    while (slots_[at].word.low != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {word, id};
  }

  // Has the memory fetched at which find() will look.
  void prefetch(ShortWord word) const { __builtin_prefetch(&slots_[first_slot(word)]); }

  // The token of the word, or null.
  [[nodiscard]] const TokenId* find(ShortWord word) const {
    for (std::size_t at = first_slot(word);; at = (at + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[at];
      if (slot.word == word) return &slot.id;
      if (slot.word.low == 0) return nullptr;
    }
  }

 private:
  struct Slot {
    ShortWord word;  // empty: free
    TokenId id = 0;
  };

  [[nodiscard]] std::size_t first_slot(ShortWord word) const {
    return word.hash() & (slots_.size() - 1);
  }

  std::vector<Slot> slots_;  // a power of two, at most half full
};

}  // namespace cram::tokenizer
