#include "cram/text/clean_unicode.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <new>

#include <utf8proc.h>

namespace cram::text {
namespace {

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

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

std::string clean_characters(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] >= ' ' && text[at] < 0x7F) {
      result += text[at++];
      continue;
    }
    if (text.substr(at, 2) == "\r\n") {
      ++at;
      continue;
    }
    utf8proc_int32_t character = 0;
    const auto size =
        utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &character);
    at += static_cast<std::size_t>(std::max<utf8proc_ssize_t>(size, 1));
    character = cleaned(character);
    if (character == 0) continue;
    std::array<utf8proc_uint8_t, 4> code{};
    const auto length = utf8proc_encode_char(character, code.data());
    result.append(reinterpret_cast<const char*>(code.data()), static_cast<std::size_t>(length));
  }
  return result;
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

// ASCII is composed already, but for a letter before a mark.
std::string compose(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = text.begin() + static_cast<std::ptrdiff_t>(at);
    const auto other = std::find_if_not(begin, text.end(), is_ascii);
    if (other == text.end()) return result.append(begin, text.end());
    const auto first = other == begin ? other : other - 1;
    const auto end = std::find_if(other, text.end(), is_ascii);
    result.append(begin, first);
    append_composed(result, text.substr(static_cast<std::size_t>(first - text.begin()),
                                        static_cast<std::size_t>(end - first)));
    at = static_cast<std::size_t>(end - text.begin());
  }
  return result;
}

}  // namespace

std::string clean_unicode(std::string_view text) { return compose(clean_characters(text)); }

}  // namespace cram::text
