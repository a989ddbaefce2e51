#include "word_counter.h"

#include <algorithm>
#include <utility>

namespace cram::tokenizer {

void WordCounter::merge(const WordCounter& other) {
  for (const Slot& slot : other.slots_) {
    if (slot.count > 0) add(slot.word, slot.count);
  }
  for (const auto& [word, count] : other.long_words_) long_words_[word] += count;
}

std::vector<CountedWord> WordCounter::sorted() const {
  std::vector<CountedWord> words;
  words.reserve(used_ + long_words_.size());
  for (const Slot& slot : slots_) {
    if (slot.count > 0) words.push_back({slot.word.text(), slot.count});
  }
  for (const auto& [word, count] : long_words_) words.push_back({word, count});
  std::sort(words.begin(), words.end(),
            [](const CountedWord& a, const CountedWord& b) { return a.text < b.text; });
  return words;
}

void WordCounter::grow() {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
  used_ = 0;
  for (const Slot& slot : old) {
    if (slot.count > 0) add(slot.word, slot.count);
  }
}

}  // namespace cram::tokenizer
