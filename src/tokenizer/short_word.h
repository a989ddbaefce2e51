// Words of up to 16 bytes in two registers, which nearly all words are.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace cram::tokenizer {

// A word of at most 16 bytes, none of them NUL: its bytes in order, padded with NUL.
struct ShortWord {
  static constexpr std::size_t kMaxBytes = 16;
  std::uint64_t low = 0, high = 0;

  [[nodiscard]] std::size_t size() const {
    const auto bytes = [](std::uint64_t part) {
      return static_cast<std::size_t>(8 - std::countl_zero(part) / 8);
    };
    return high != 0 ? 8 + bytes(high) : bytes(low);
  }
  [[nodiscard]] std::string text() const {
    std::string bytes(size(), '\0');
    std::memcpy(bytes.data(), this, bytes.size());
    return bytes;
  }
  // Good enough in its lower bits for a table of a power of two.
  [[nodiscard]] std::uint64_t hash() const {
    const std::uint64_t mixed =
        (low ^ std::rotl(high, 31) * 0x9E3779B97F4A7C15) * 0xD6E8FEB86659FD93;
    return mixed ^ mixed >> 32;
  }
  friend bool operator==(const ShortWord&, const ShortWord&) = default;
};

[[nodiscard]] inline bool is_short_word(std::string_view bytes) {
  return bytes.size() <= ShortWord::kMaxBytes && bytes.find('\0') == std::string_view::npos;
}

[[nodiscard]] inline ShortWord make_short_word(std::string_view bytes) {
  static_assert(std::endian::native == std::endian::little);
  ShortWord word;
  std::memcpy(&word, bytes.data(), bytes.size());
  return word;
}

}  // namespace cram::tokenizer
