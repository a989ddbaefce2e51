// The words of a text in a normalised form, so that texts compare equal which differ in case,
// punctuation and white space alone.
//
// A word is a run of letters, marks and digits (Unicode categories L, M, N) in lower case; each
// Chinese or Japanese character is one of its own. Everything else separates words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cram::selection {

// A length of n-grams, with what a rolling hash of that length needs.
class NgramLength {
 public:
  explicit NgramLength(std::size_t words);
  [[nodiscard]] std::size_t words() const { return words_; }

 private:
  friend class Words;
  std::size_t words_;
  std::uint64_t power_;
};

class Words {
 public:
  // `text` must be valid UTF-8 below 4 GiB and is not needed afterwards.
  explicit Words(std::string_view text);

  [[nodiscard]] std::size_t size() const { return starts_.size() - 1; }
  [[nodiscard]] std::string_view operator[](std::size_t word) const { return range(word, 1); }
  // `count` >= 1 words from `first` on, with a space between them.
  [[nodiscard]] std::string_view range(std::size_t first, std::size_t count) const {
    return std::string_view(text_).substr(starts_[first], bytes(first, count) + count - 1);
  }
  // Of the same words, without the spaces.
  [[nodiscard]] std::size_t bytes(std::size_t first, std::size_t count) const {
    return starts_[first + count] - starts_[first] - count;
  }
  // All words, with a space between them.
  [[nodiscard]] std::string_view text() const { return text_; }
  // A hash of the n-gram that begins at `first`, the same wherever it stands.
  [[nodiscard]] std::uint64_t hash(std::size_t first, const NgramLength& length) const;
  // Of all n-grams, in their order.
  [[nodiscard]] std::vector<std::uint64_t> hashes(const NgramLength& length) const;

 private:
  class Splitter;

  std::string text_;
  std::vector<std::uint32_t> starts_;    // of each word, and of the one that would come next
  std::vector<std::uint64_t> prefixes_;  // hashes of the words before each place
};

}  // namespace cram::selection
