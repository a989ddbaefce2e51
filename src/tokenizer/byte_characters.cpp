#include "byte_characters.h"

#include <array>

#include "utf8.h"

namespace cram::tokenizer {
namespace {

constexpr char32_t kFirstMoved = 0x100;

constexpr bool stands_for_itself(unsigned byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

constexpr std::array<char32_t, 256> make_characters() {
  std::array<char32_t, 256> characters{};
  char32_t next = kFirstMoved;
  for (unsigned byte = 0; byte < 256; ++byte) {
    characters[byte] = stands_for_itself(byte) ? byte : next++;
  }
  return characters;
}

constexpr std::array<char32_t, 256> kCharacters = make_characters();
constexpr std::size_t kMoved = 68;

constexpr std::array<unsigned char, kFirstMoved + kMoved> make_bytes() {
  std::array<unsigned char, kFirstMoved + kMoved> bytes{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    bytes[kCharacters[byte]] = static_cast<unsigned char>(byte);
  }
  return bytes;
}

constexpr std::array<unsigned char, kFirstMoved + kMoved> kBytes = make_bytes();

}  // namespace

char32_t character_of_byte(unsigned char byte) { return kCharacters[byte]; }

std::optional<std::string> bytes_of_characters(std::string_view token) {
  std::string bytes;
  while (!token.empty()) {
    const Utf8Char character = decode_utf8(token);
    if (character.code >= kBytes.size()) return std::nullopt;
    const unsigned char byte = kBytes[character.code];
    if (kCharacters[byte] != character.code) return std::nullopt;
    bytes += static_cast<char>(byte);
    token.remove_prefix(character.length);
  }
  return bytes;
}

}  // namespace cram::tokenizer
