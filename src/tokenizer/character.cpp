#include "character.h"

#include <algorithm>
#include <array>
#include <span>

#include <utf8proc.h>

#include "character_tables.h"

namespace cram::tokenizer {
namespace {

using Ranges = std::span<const CodePointRange>;

// The first range that ends at or after `code`.
Ranges::iterator find_range(Ranges ranges, char32_t code) {
  return std::lower_bound(
      ranges.begin(), ranges.end(), code,
      [](const CodePointRange& range, char32_t value) { return range.last < value; });
}

bool contains(Ranges ranges, char32_t code) {
  const auto range = find_range(ranges, code);
  return range != ranges.end() && range->first <= code;
}

// Neither begins nor ends within: all of first to last is in the ranges, or nothing is.
bool is_uniform(Ranges ranges, char32_t first, char32_t last) {
  const auto range = find_range(ranges, first);
  if (range == ranges.end() || range->first > last) return true;
  return range->first <= first && last <= range->last;
}

constexpr CodePointRange kWhiteSpace[] = {
    {0x0009, 0x000D}, {0x0020, 0x0020}, {0x0085, 0x0085}, {0x00A0, 0x00A0}, {0x1680, 0x1680},
    {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
};

// U+2B820 to U+2B91F are missing in BERT's list too.
constexpr CodePointRange kChinese[] = {
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},   {0x20000, 0x2A6DF},
    {0x2A700, 0x2B81F}, {0x2B920, 0x2CEAF}, {0x2F800, 0x2FA1F},
};

// Canonical decompositions that came after Unicode 10.0.
constexpr CodePointRange kNewDecompositions[] = {
    {0x105C9, 0x105C9}, {0x105E4, 0x105E4}, {0x11383, 0x11383}, {0x11385, 0x11385},
    {0x1138E, 0x1138E}, {0x11391, 0x11391}, {0x113C5, 0x113C5}, {0x113C7, 0x113C8},
    {0x11938, 0x11938}, {0x16121, 0x16128}, {0x16D68, 0x16D6A},
};

// Lower-case pairs of Unicode 16.0 and 17.0, which older versions of utf8proc lack.
struct LowerRange {
  char32_t first, last, lower;  // `lower` is that of `first`
};
constexpr LowerRange kNewLower[] = {
    {0x1C89, 0x1C89, 0x1C8A},    {0xA7CB, 0xA7CB, 0x0264}, {0xA7CC, 0xA7CC, 0xA7CD},
    {0xA7CE, 0xA7CE, 0xA7CF},    {0xA7D2, 0xA7D2, 0xA7D3}, {0xA7D4, 0xA7D4, 0xA7D5},
    {0xA7DA, 0xA7DA, 0xA7DB},    {0xA7DC, 0xA7DC, 0x019B}, {0x10D50, 0x10D65, 0x10D70},
    {0x16EA0, 0x16EB8, 0x16EBB},
};

// No character beyond has a decomposition or a lower-case form.
constexpr char32_t kLastWithForms = 0x2FFFF;
constexpr char32_t kCapitalIWithDot = 0x0130;
constexpr char32_t kCombiningDotAbove = 0x0307;

}  // namespace

bool is_control(char32_t code) { return contains(control_characters(), code); }
bool is_white_space(char32_t code) { return contains(kWhiteSpace, code); }
bool is_punctuation(char32_t code) { return contains(punctuation_characters(), code); }
bool is_nonspacing(char32_t code) { return contains(nonspacing_marks(), code); }
bool is_letter(char32_t code) { return contains(letters(), code); }
bool is_number(char32_t code) { return contains(numbers(), code); }
bool is_chinese(char32_t code) { return contains(kChinese, code); }

int combining_class(char32_t code) {
  if (!is_nonspacing(code) && !contains(other_combining_marks(), code)) return 0;
  return static_cast<int>(
      utf8proc_get_property(static_cast<utf8proc_int32_t>(code))->combining_class);
}

void append_decomposed(char32_t code, std::u32string& text) {
  if (code < 0xC0 || contains(kNewDecompositions, code)) {
    text.push_back(code);
    return;
  }
  std::array<utf8proc_int32_t, 16> parts;
  int boundary = 0;
  const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(code), parts.data(),
                                             static_cast<utf8proc_ssize_t>(parts.size()),
                                             UTF8PROC_DECOMPOSE, &boundary);
  for (utf8proc_ssize_t i = 0; i < count; ++i) {
    text.push_back(static_cast<char32_t>(parts[static_cast<std::size_t>(i)]));
  }
}

void append_lower(char32_t code, std::u32string& text) {
  if (code == kCapitalIWithDot) {
    text.push_back(U'i');
    text.push_back(kCombiningDotAbove);
    return;
  }
  for (const LowerRange& range : kNewLower) {
    if (code >= range.first && code <= range.last) {
      text.push_back(code - range.first + range.lower);
      return;
    }
  }
  text.push_back(static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(code))));
}

bool are_alike(char32_t first, char32_t last) {
  const Ranges tables[] = {kWhiteSpace,
                           kChinese,
                           kNewDecompositions,
                           control_characters(),
                           nonspacing_marks(),
                           punctuation_characters(),
                           other_combining_marks()};
  for (const Ranges table : tables) {
    if (!is_uniform(table, first, last)) return false;
  }
  for (char32_t code = first; code <= std::min(last, kLastWithForms); ++code) {
    std::u32string forms;
    append_decomposed(code, forms);
    append_lower(code, forms);
    if (forms != std::u32string{code, code}) return false;
  }
  return true;
}

std::u32string canonical_decomposition(std::u32string_view text) {
  std::u32string result;
  for (const char32_t code : text) append_decomposed(code, result);
  for (auto first = result.begin(); first != result.end();) {
    const auto starts = [](char32_t code) { return combining_class(code) == 0; };
    first = std::find_if_not(first, result.end(), starts);
    const auto last = std::find_if(first, result.end(), starts);
    std::stable_sort(first, last, [](char32_t a, char32_t b) {
      return combining_class(a) < combining_class(b);
    });
    first = last;
  }
  return result;
}

}  // namespace cram::tokenizer
