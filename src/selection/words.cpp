#include "cram/selection/words.h"

#include <algorithm>
#include <cstring>
#include <span>

#define XXH_INLINE_ALL  // words are short: the call would take longer than the hashing
#include <utf8proc.h>
#include <xxhash.h>

#include "cram/text/eight_bytes.h"

#include "mix.h"

namespace cram::selection {
namespace {

constexpr std::uint64_t kBase = 0x9E3779B97F4A7C15;  // odd; its powers look random

// Their categories stand in a row.
bool is_letter_or_digit(std::int32_t character) {
  const utf8proc_category_t category = utf8proc_category(character);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

// Kana and ideographs, which are written without spaces.
bool is_word_alone(std::int32_t character) {
  return (character >= 0x3040 && character <= 0x30FF) ||
         (character >= 0x3400 && character <= 0x9FFF) ||
         (character >= 0xF900 && character <= 0xFAFF) ||
         (character >= 0x20000 && character <= 0x3FFFF);
}

std::uint64_t power(std::size_t exponent) {
  std::uint64_t result = 1;
  for (std::size_t i = 0; i < exponent; ++i) result *= kBase;
  return result;
}

// The hash of the words from one place to another.
inline std::uint64_t hash_between(std::uint64_t prefix, std::uint64_t end, std::uint64_t power) {
  return mix(end - prefix * power);
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void hash_all(const std::uint64_t* prefixes, std::size_t words, std::uint64_t power,
              std::span<std::uint64_t> hashes) {
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    hashes[i] = hash_between(prefixes[i], prefixes[i + words], power);
  }
}

}  // namespace

NgramLength::NgramLength(std::size_t words) : words_(words), power_(power(words)) {}

// Takes the words of one text, eight bytes at a time where they are ASCII.
class Words::Splitter {
 public:
  Splitter(std::string_view text, Words& words)
      : at_(text.data()), end_(text.data() + text.size()), words_(words) {
    constexpr std::size_t kBytesOfWord = 5;  // a guess
    words_.starts_.reserve(text.size() / kBytesOfWord + 2);
    words_.starts_.push_back(0);
  }

  void run() {
    while (at_ != end_) {
      take_ascii();
      if (at_ != end_) take_character();
    }
    end_word();
    words_.text_.resize(words_.size() > 0 ? size_ - 1 : 0);
  }

 private:
  void take_ascii() {
    make_room();
    const char* at = at_;  // these stay in registers
    char* const text = words_.text_.data();
    std::size_t size = size_;
    while (at != end_) {
      const text::EightBytes next(text::load_eight(at, end_), text::EightBytes::kLowercase);
      std::memcpy(text + size, &next.text, sizeof next.text);
      size += next.letters;
      at += next.letters;
      if (next.letters == sizeof next.text || at == end_) continue;
      if (static_cast<unsigned char>(*at) >= 0x80) break;
      ++at;
      if (size == words_.starts_.back()) continue;
      text[size++] = ' ';
      words_.starts_.push_back(static_cast<std::uint32_t>(size));
    }
    at_ = at;
    size_ = size;
  }

  // For all of the text that is ASCII, a character in lower case, the spaces around it, and what
  // is written at a time.
  void make_room() {
    const std::size_t needed = size_ + static_cast<std::size_t>(end_ - at_) + 16;
    if (words_.text_.size() < needed) words_.text_.resize(needed + needed / 8);
  }

  // Takes one that is not ASCII, or skips a byte of none.
  void take_character() {
    std::int32_t character = 0;
    const utf8proc_ssize_t bytes =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(at_), end_ - at_, &character);
    at_ += std::max<utf8proc_ssize_t>(bytes, 1);
    if (bytes <= 0 || !is_letter_or_digit(character)) return end_word();
    make_room();
    const bool alone = is_word_alone(character);
    if (alone) end_word();
    auto* to = reinterpret_cast<utf8proc_uint8_t*>(&words_.text_[size_]);
    size_ += static_cast<std::size_t>(utf8proc_encode_char(utf8proc_tolower(character), to));
    if (alone) end_word();
  }

  // Puts a space after the word that ends here, if one does.
  void end_word() {
    if (size_ == words_.starts_.back()) return;
    words_.text_[size_++] = ' ';
    words_.starts_.push_back(static_cast<std::uint32_t>(size_));
  }

  const char* at_;
  const char* end_;
  Words& words_;
  std::size_t size_ = 0;  // of the text so far; behind it there is room
};

Words::Words(std::string_view text) {
  Splitter(text, *this).run();
  prefixes_.resize(size() + 1);
  for (std::size_t i = 0; i < size(); ++i) {
    const std::uint64_t word = XXH3_64bits(&text_[starts_[i]], bytes(i, 1));
    prefixes_[i + 1] = prefixes_[i] * kBase + word;
  }
}

std::uint64_t Words::hash(std::size_t first, const NgramLength& length) const {
  return hash_between(prefixes_[first], prefixes_[first + length.words_], length.power_);
}

std::vector<std::uint64_t> Words::hashes(const NgramLength& length) const {
  if (size() < length.words_) return {};
  std::vector<std::uint64_t> all(size() - length.words_ + 1);
  hash_all(prefixes_.data(), length.words_, length.power_, all);
  return all;
}

}  // namespace cram::selection
