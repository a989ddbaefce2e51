// Code points out of UTF-8 and back. Never reads outside the text: a byte that begins no valid
// sequence decodes as U+FFFD of length 1.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cram::tokenizer {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;
inline constexpr char32_t kCodePoints = 0x110000;

struct Utf8Char {
  char32_t code;
  unsigned length;  // in bytes
};

// The first code point of a text that is not empty.
[[nodiscard]] inline Utf8Char decode_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const auto bits = [&](std::size_t i) { return static_cast<char32_t>(byte(i) & 0x3F); };
  const char32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead >= 0xC2 && lead < 0xE0 && follows(1)) return {(lead & 0x1F) << 6 | bits(1), 2};
  if (lead >= 0xE0 && lead < 0xF0 && follows(1) && follows(2)) {
    const char32_t code = (lead & 0x0F) << 12 | bits(1) << 6 | bits(2);
    if (code >= 0x800 && (code < 0xD800 || code >= 0xE000)) return {code, 3};
  }
  if (lead >= 0xF0 && lead < 0xF5 && follows(1) && follows(2) && follows(3)) {
    const char32_t code = (lead & 0x07) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3);
    if (code >= 0x10000 && code < kCodePoints) return {code, 4};
  }
  return {kReplacementCharacter, 1};
}

// Writes the UTF-8 form of `code`, at most 4 bytes, and returns its length.
inline unsigned encode_utf8(char32_t code, char* out) {
  const auto tail = [&](unsigned shift) {
    return static_cast<char>(0x80 | ((code >> shift) & 0x3F));
  };
  if (code < 0x80) {
    out[0] = static_cast<char>(code);
    return 1;
  }
  if (code < 0x800) {
    out[0] = static_cast<char>(0xC0 | (code >> 6));
    out[1] = tail(0);
    return 2;
  }
  if (code < 0x10000) {
    out[0] = static_cast<char>(0xE0 | (code >> 12));
    out[1] = tail(6);
    out[2] = tail(0);
    return 3;
  }
  out[0] = static_cast<char>(0xF0 | (code >> 18));
  out[1] = tail(12);
  out[2] = tail(6);
  out[3] = tail(0);
  return 4;
}

inline void append_utf8(char32_t code, std::string& text) {
  char bytes[4];
  text.append(bytes, encode_utf8(code, bytes));
}

// The number of code points of valid UTF-8.
[[nodiscard]] inline std::size_t utf8_length(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) length += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return length;
}

[[nodiscard]] inline std::u32string code_points(std::string_view text) {
  std::u32string codes;
  while (!text.empty()) {
    const Utf8Char next = decode_utf8(text);
    codes += next.code;
    text.remove_prefix(next.length);
  }
  return codes;
}

[[nodiscard]] inline std::string utf8_of(std::u32string_view codes) {
  std::string text;
  for (const char32_t code : codes) append_utf8(code, text);
  return text;
}

}  // namespace cram::tokenizer
