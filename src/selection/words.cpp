#include "cram/selection/words.h"

#include <array>

#include <utf8proc.h>

#include "cram/base/hash.h"

#include "mix.h"

namespace cram::selection {
namespace {

constexpr std::uint64_t kBase = 0x9E3779B97F4A7C15;  // odd; its powers look random

constexpr std::array<char, 128> make_ascii_letters() {
  std::array<char, 128> letters{};
  for (std::size_t c = 0; c < letters.size(); ++c) {
    const char letter = static_cast<char>(c);
    const bool small = letter >= 'a' && letter <= 'z';
    const bool digit = letter >= '0' && letter <= '9';
    if (small || digit) letters[c] = letter;
    if (letter >= 'A' && letter <= 'Z') letters[c] = static_cast<char>(letter - 'A' + 'a');
  }
  return letters;
}

// In lower case; 0 for what separates words.
constexpr std::array<char, 128> kAsciiLetters = make_ascii_letters();

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

void append(std::string& text, std::int32_t character) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto size = utf8proc_encode_char(character, bytes.data());
  text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
}

std::uint64_t power(std::size_t exponent) {
  std::uint64_t result = 1;
  for (std::size_t i = 0; i < exponent; ++i) result *= kBase;
  return result;
}

}  // namespace

NgramLength::NgramLength(std::size_t words) : words_(words), power_(power(words)) {}

Words::Words(std::string_view text) : starts_{0}, prefixes_{0} {
  text_.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= kAsciiLetters.size()) {
      at += take_character(text.substr(at));
      continue;
    }
    ++at;
    if (const char letter = kAsciiLetters[byte]) {
      text_ += letter;
    } else {
      end_word();
    }
  }
  end_word();
  if (size() > 0) text_.pop_back();
}

// Takes one that is not ASCII from the front of the text, and says how long it is.
std::size_t Words::take_character(std::string_view text) {
  std::int32_t character = 0;
  const utf8proc_ssize_t size =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(text.size()), &character);
  if (size <= 0 || !is_letter_or_digit(character)) {
    end_word();
    return size > 0 ? static_cast<std::size_t>(size) : 1;
  }
  const bool alone = is_word_alone(character);
  if (alone) end_word();
  append(text_, utf8proc_tolower(character));
  if (alone) end_word();
  return static_cast<std::size_t>(size);
}

// Puts a space after the word that ends here, if one does.
void Words::end_word() {
  const std::size_t start = starts_.back();
  if (text_.size() == start) return;
  const std::uint64_t word = hash64(text_.data() + start, text_.size() - start);
  prefixes_.push_back(prefixes_.back() * kBase + word);
  text_ += ' ';
  starts_.push_back(static_cast<std::uint32_t>(text_.size()));
}

std::uint64_t Words::hash(std::size_t first, const NgramLength& length) const {
  return mix(prefixes_[first + length.words_] - prefixes_[first] * length.power_);
}

}  // namespace cram::selection
