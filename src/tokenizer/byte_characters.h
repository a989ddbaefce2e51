// The 256 characters that byte-level BPE writes for bytes, so that every token is readable text:
// printable Latin-1 stands for itself, the others are moved to U+0100 and above (a space is
// "\u0120").
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cram::tokenizer {

[[nodiscard]] char32_t character_of_byte(unsigned char byte);

// The bytes that a token stands for; nothing when one of its characters stands for none.
[[nodiscard]] std::optional<std::string> bytes_of_characters(std::string_view token);

}  // namespace cram::tokenizer
