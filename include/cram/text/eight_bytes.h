// Eight bytes of text, looked at together: ASCII letters and digits.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cram::text {

// The first eight bytes from `from` on, the first of them lowest; NUL for those behind `end`.
[[nodiscard]] inline std::uint64_t load_eight(const char* from, const char* end) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t bytes = 0;
  const auto left = static_cast<std::size_t>(end - from);
  if (left >= sizeof bytes) {
    std::memcpy(&bytes, from, sizeof bytes);
  } else {
    std::memcpy(&bytes, from, left);
  }
  return bytes;
}

struct EightBytes {
  static constexpr std::uint64_t kLowercase = 0x2020202020202020;

  std::uint64_t text;  // the leading ASCII letters and digits, lower-cased if asked; NUL after them
  std::size_t letters;  // how many those are

  // `lowercase_mask` is kLowercase or 0.
  EightBytes(std::uint64_t bytes, std::uint64_t lowercase_mask) {
    constexpr std::uint64_t kHigh = 0x8080808080808080;
    // The high bit of each byte tells whether (byte >= from); the bytes are below 0x80.
    const auto at_least = [](std::uint64_t low_bytes, char from) {
      return low_bytes + 0x0101010101010101 * static_cast<std::uint64_t>(0x80 - from);
    };
    const std::uint64_t low_bytes = bytes & ~kHigh;
    const std::uint64_t folded = low_bytes | 0x2020202020202020;
    const std::uint64_t letter = at_least(folded, 'a') & ~at_least(folded, 'z' + 1) & kHigh;
    const std::uint64_t digit = at_least(low_bytes, '0') & ~at_least(low_bytes, '9' + 1) & kHigh;
    const std::uint64_t other = ~((letter | digit) & ~bytes) & kHigh;
    letters = static_cast<std::size_t>(std::countr_zero(other)) / 8;
    const std::uint64_t kept =
        letters == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * letters)) - 1;
    text = (bytes | ((letter >> 2) & lowercase_mask)) & kept;
  }
};

}  // namespace cram::text
