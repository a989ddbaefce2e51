#include "cram/text/clean_unicode.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#include <utf8proc.h>

#include "cram/text/eight_bytes.h"

#include "ascii.h"

namespace cram::text {
namespace {

// Format characters that are seen, or change how others look.
bool is_seen(utf8proc_int32_t character) {
  constexpr utf8proc_int32_t kNonJoiner = 0x200C, kJoiner = 0x200D;
  constexpr std::array<utf8proc_int32_t, 5> kSigns = {0x06DD, 0x070F, 0x08E2, 0x110BD, 0x110CD};
  return character == kNonJoiner || character == kJoiner ||
         (character >= 0x0600 && character <= 0x0605) ||
         std::find(kSigns.begin(), kSigns.end(), character) != kSigns.end();
}

// Of the control characters: what ends a line, what separates, and what nobody sees.
utf8proc_int32_t cleaned_control(utf8proc_int32_t character) {
  constexpr utf8proc_int32_t kNextLine = 0x85, kFirstSeparator = 0x1C, kLastSeparator = 0x1F;
  if (character == '\t') return character;
  if ((character >= '\n' && character <= '\r') || character == kNextLine) return '\n';
  return character >= kFirstSeparator && character <= kLastSeparator ? ' ' : 0;
}

// As it is to be; 0 where it goes.
utf8proc_int32_t cleaned(utf8proc_int32_t character) {
  switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_CC:
      return cleaned_control(character);
    case UTF8PROC_CATEGORY_CF:
      return is_seen(character) ? character : 0;
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CS:
      return 0;
    case UTF8PROC_CATEGORY_ZS:
      return ' ';
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return '\n';
    default:
      return character;
  }
}

// Nothing for 0.
void append_character(std::string& result, utf8proc_int32_t character) {
  if (character == 0) return;
  std::array<utf8proc_uint8_t, 4> code{};
  const auto length = utf8proc_encode_char(character, code.data());
  result.append(reinterpret_cast<const char*>(code.data()), static_cast<std::size_t>(length));
}

// The first byte at or after `at` that is not printable ASCII, eight at a time.
std::size_t skip_printable(std::string_view text, std::size_t at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = 0x80 * kOnes;
  const char* const end = text.data() + text.size();
  while (at < text.size()) {
    const std::uint64_t bytes = load_eight(text.data() + at, end);
    const std::uint64_t below_space = ~((bytes | kHighBits) - ' ' * kOnes);
    const std::uint64_t others = (bytes | (bytes + kOnes) | below_space) & kHighBits;
    at += static_cast<std::size_t>(std::countr_zero(others)) / 8;
    if (others != 0) break;
  }
  return std::min(at, text.size());
}

// Takes a character that is not printable ASCII from `at` on, and says what it is to be.
struct Cleaned {
  utf8proc_ssize_t bytes;
  utf8proc_int32_t before, after;  // no `after`: 0
};

Cleaned clean_character(std::string_view text, std::size_t at) {
  utf8proc_int32_t character = 0;
  const auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                      static_cast<utf8proc_ssize_t>(text.size() - at), &character);
  const bool ends_line_twice = text.substr(at, 2) == "\r\n";
  return {std::max<utf8proc_ssize_t>(bytes, 1), character,
          ends_line_twice ? 0 : cleaned(character)};
}

std::string clean_characters(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  std::size_t copied = 0;  // what is before it is done
  for (std::size_t at = skip_printable(text, 0); at < text.size(); at = skip_printable(text, at)) {
    const Cleaned character = clean_character(text, at);
    const std::size_t end = at + static_cast<std::size_t>(character.bytes);
    if (character.after == 0 || character.after != character.before) {
      result.append(text.substr(copied, at - copied));
      append_character(result, character.after);
      copied = end;
    }
    at = end;
  }
  return result.append(text.substr(copied));
}

void append_composed(std::string& result, std::string_view text) {
  utf8proc_uint8_t* composed = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &composed,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(composed, &std::free);
  if (size < 0) throw std::bad_alloc();  // the text is valid
  result.append(reinterpret_cast<const char*>(composed), static_cast<std::size_t>(size));
}

// Characters that a composed text may hold anywhere: not all of them, but most of what is written
// beside ASCII.
bool is_composed(utf8proc_int32_t character) {
  return character < 0x0300 || (character >= 0x0400 && character <= 0x0482) ||
         (character >= 0x2010 && character <= 0x205E) ||
         (character >= 0x4E00 && character <= 0x9FFF);
}

bool are_composed(std::string_view text) {
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (auto left = static_cast<utf8proc_ssize_t>(text.size()); left > 0;) {
    utf8proc_int32_t character = 0;
    const auto bytes = utf8proc_iterate(at, left, &character);
    if (!is_composed(character)) return false;
    at += bytes;
    left -= bytes;
  }
  return true;
}

// ASCII is composed already, but for a letter before a mark.
std::string compose(std::string text) {
  std::string result;
  std::size_t copied = 0;  // what is before it is done
  for (std::size_t at = skip_ascii(text, 0); at < text.size(); at = skip_ascii(text, at)) {
    const auto other = text.cbegin() + static_cast<std::ptrdiff_t>(at);
    const auto end = std::find_if(other, text.cend(), is_ascii);
    const std::string_view others(other, end);
    if (!are_composed(others)) {
      const std::size_t first = at == copied ? at : at - 1;
      result.append(text, copied, first - copied);
      append_composed(result, std::string_view(text).substr(first, at - first + others.size()));
      copied = at + others.size();
    }
    at += others.size();
  }
  if (copied == 0) return text;
  return result.append(text, copied);
}

}  // namespace

std::string clean_unicode(std::string_view text) { return compose(clean_characters(text)); }

}  // namespace cram::text
