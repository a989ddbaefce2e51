// A sink for WordSplitter that hands short words on some words later, while memory is fetched for
// them.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "short_word.h"

namespace cram::tokenizer {

// Sink has short_word() and long_word(), which get the words in their order, and prefetch() for
// what it looks up by a short word.
template <class Sink>
class WordsAhead {
 public:
  explicit WordsAhead(Sink& sink) : sink_(sink) {}

  void short_word(ShortWord word) {
    sink_.prefetch(word);
    waiting_[waits_++] = word;
    if (waits_ == waiting_.size()) finish();
  }
  void long_word(std::string_view word) {
    finish();
    sink_.long_word(word);
  }
  // To be called after the last word.
  void finish() {
    for (std::size_t i = 0; i < waits_; ++i) sink_.short_word(waiting_[i]);
    waits_ = 0;
  }

 private:
  Sink& sink_;
  std::array<ShortWord, 32> waiting_;
  std::size_t waits_ = 0;
};

}  // namespace cram::tokenizer
