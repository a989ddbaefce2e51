#include "sentencepiece_rules.h"

#include <array>
#include <cstdio>

#include <utf8proc.h>

#include "character.h"
#include "utf8.h"

namespace cram::tokenizer {
namespace {

constexpr char32_t kSpaceMark = 0x2581;  // stands for a space inside SentencePiece
constexpr char32_t kPrivatePlanes = 0xF0000;

bool needs_rule(char32_t code) {
  if (code >= 0xD800 && code < 0xE000) return false;
  return utf8proc_category(static_cast<utf8proc_int32_t>(code)) != UTF8PROC_CATEGORY_CN;
}

std::u32string compatibility_decomposition(char32_t code) {
  std::array<utf8proc_int32_t, 32> parts;
  int boundary = 0;
  constexpr auto kOptions = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
  const auto count =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(code), parts.data(),
                              static_cast<utf8proc_ssize_t>(parts.size()), kOptions, &boundary);
  if (count < 0 || static_cast<std::size_t>(count) > parts.size()) return {code};
  return {parts.begin(), parts.begin() + count};
}

std::u32string composed(const std::u32string& text) {
  std::u32string buffer = text + U'\0';  // utf8proc wants room for a NUL
  static_assert(sizeof(char32_t) == sizeof(utf8proc_int32_t));
  const auto length =
      utf8proc_normalize_utf32(reinterpret_cast<utf8proc_int32_t*>(buffer.data()),
                               static_cast<utf8proc_ssize_t>(text.size()),
                               static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE));
  buffer.resize(static_cast<std::size_t>(length));
  return buffer;
}

std::u32string replacement(char32_t code, const Normalization& options) {
  if (is_white_space(code) || code == kSpaceMark) return U" ";
  if (is_control(code) || code == kReplacementCharacter) return {};
  std::u32string result = compatibility_decomposition(code);
  if (options.strip_accents) std::erase_if(result, is_nonspacing);
  if (options.lowercase) {
    std::u32string lower;
    for (const char32_t part : result) append_lower(part, lower);
    result = lower;
  }
  result = composed(result);
  if (options.ascii_only) std::erase_if(result, [](char32_t part) { return part >= 0x80; });
  return result;
}

void append_hexadecimal(char32_t code, std::string& line) {
  std::array<char, 16> digits;
  const int length = std::snprintf(digits.data(), digits.size(), "%X", static_cast<unsigned>(code));
  line.append(digits.data(), static_cast<std::size_t>(length));
}

}  // namespace

SentencePieceRules sentencepiece_rules(const Normalization& options) {
  if (!options.strip_accents && !options.ascii_only) {
    return {.name = options.lowercase ? "nmt_nfkc_cf" : "nmt_nfkc", .table = ""};
  }
  SentencePieceRules rules;
  for (char32_t code = 1; code < kPrivatePlanes; ++code) {
    if (!needs_rule(code)) continue;
    const std::u32string result = replacement(code, options);
    if (result.size() == 1 && result[0] == code) continue;
    append_hexadecimal(code, rules.table);
    rules.table += '\t';
    for (const char32_t part : result) {
      if (!rules.table.ends_with('\t')) rules.table += ' ';
      append_hexadecimal(part, rules.table);
    }
    rules.table += '\n';
  }
  return rules;
}

}  // namespace cram::tokenizer
