// The regular expressions by which byte-level BPE cuts text into words, as scanners of their own:
// one pass, no backtracking, the same words.
#pragma once

#include <optional>
#include <string_view>

namespace cram::tokenizer {

enum class WordPattern {
  kWhole,           // all of the text is one word
  kGpt2,            // contractions, words, numbers and the rest, each with one space before it
  kCl100k,          // as cl100k_base: numbers of at most three digits, line breaks apart
  kCl100kOneDigit,  // the same with every digit by itself
};

// The pattern that a regular expression of a tokenizer.json says; nothing when it is not known.
[[nodiscard]] std::optional<WordPattern> find_word_pattern(std::string_view regex);
// Its regular expression; empty for kWhole.
[[nodiscard]] std::string_view regex_of(WordPattern pattern);

// The bytes of the first word of a text that is not empty. Every byte belongs to some word.
[[nodiscard]] std::size_t first_word(WordPattern pattern, std::string_view text);

}  // namespace cram::tokenizer
