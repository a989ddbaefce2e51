// How often each word occurs: a sink for WordSplitter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "short_word.h"

namespace cram::tokenizer {

struct CountedWord {
  std::string text;
  std::uint64_t count;
};

class WordCounter {
 public:
  WordCounter() : slots_(kFirstSlots) {}

  void short_word(ShortWord word) { add(word, 1); }
  void long_word(std::string_view word) { long_words_[std::string(word)] += 1; }

  void merge(const WordCounter& other);

  // The words in the order of their bytes, so that the way they were counted leaves no trace.
  [[nodiscard]] std::vector<CountedWord> sorted() const;

 private:
  static constexpr std::size_t kFirstSlots = 1 << 16;
  struct Slot {
    ShortWord word;  // empty: free
    std::uint64_t count = 0;
  };

  void add(ShortWord word, std::uint64_t count) {
    for (std::size_t at = word.hash();; ++at) {
      Slot& slot = slots_[at & (slots_.size() - 1)];
      if (slot.word == word) {
        slot.count += count;
        return;
      }
      if (slot.count == 0) {
        slot = {word, count};
        if (++used_ * 2 > slots_.size()) grow();
        return;
      }
    }
  }

  void grow();

  std::vector<Slot> slots_;  // a power of two, at most half full
  std::size_t used_ = 0;
  std::unordered_map<std::string, std::uint64_t> long_words_;
};

}  // namespace cram::tokenizer
