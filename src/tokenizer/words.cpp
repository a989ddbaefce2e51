#include "cram/tokenizer/words.h"

namespace cram::tokenizer {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool is_ascii_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

}  // namespace

std::vector<ByteRange> split_words(std::string_view text) {
  std::vector<ByteRange> words;
  bool in_word = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_space(text[i])) {
      in_word = false;
    } else if (in_word && !is_ascii_punctuation(text[i])) {
      words.back().end = i + 1;
    } else {
      words.push_back({i, i + 1});
      in_word = !is_ascii_punctuation(text[i]);
    }
  }
  return words;
}

ByteRange trimmed(std::string_view text, ByteRange range) {
  while (range.begin < range.end && is_space(text[range.begin])) ++range.begin;
  while (range.end > range.begin && is_space(text[range.end - 1])) --range.end;
  return range;
}

}  // namespace cram::tokenizer
