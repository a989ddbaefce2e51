#include "normalization.h"

#include <algorithm>

#include "character.h"
#include "utf8.h"

namespace cram::tokenizer {
namespace {

std::u32string cleaned(std::u32string_view text) {
  std::u32string result;
  for (const char32_t code : text) {
    if (code == 0 || code == kReplacementCharacter || is_control(code)) continue;
    result.push_back(is_white_space(code) ? U' ' : code);
  }
  return result;
}

std::u32string with_chinese_split(std::u32string_view text) {
  std::u32string result;
  for (const char32_t code : text) {
    if (is_chinese(code)) {
      result.append({U' ', code, U' '});
    } else {
      result.push_back(code);
    }
  }
  return result;
}

}  // namespace

std::u32string normalize(std::u32string_view text, const BertNormalization& options) {
  std::u32string result(text);
  if (options.clean_text) result = cleaned(result);
  if (options.split_chinese) result = with_chinese_split(result);
  if (options.strip_accents) {
    result = canonical_decomposition(result);
    std::erase_if(result, is_nonspacing);
  }
  if (options.lowercase) {
    std::u32string lower;
    for (const char32_t code : result) append_lower(code, lower);
    result = std::move(lower);
  }
  if (options.ascii_only) std::erase_if(result, [](char32_t code) { return code >= 0x80; });
  return result;
}

}  // namespace cram::tokenizer
