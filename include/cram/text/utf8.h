// Checks and repairs UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cram::text {

// Bytes before the first malformed sequence; text.size() when there is none.
[[nodiscard]] std::size_t valid_utf8_prefix(std::string_view text);

[[nodiscard]] inline bool is_valid_utf8(std::string_view text) {
  return valid_utf8_prefix(text) == text.size();
}

// Replaces each maximal part of a malformed sequence by one U+FFFD, as the Unicode Standard
// recommends (chapter 3.9) and most decoders do.
[[nodiscard]] std::string repair_utf8(std::string_view text);

// The last position <= `at` that is not inside a well-formed character; at > text.size() means the
// end. In malformed text at most three bytes before `at`.
[[nodiscard]] std::size_t utf8_boundary(std::string_view text, std::size_t at);

}  // namespace cram::text
