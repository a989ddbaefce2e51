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

// The same of compatibility decompositions.
constexpr CodePointRange kNewCompatibility[] = {
    {0x32FF, 0x32FF},   {0xA7F1, 0xA7F4},   {0xAB69, 0xAB69},   {0x10781, 0x107BA},
    {0x1CCD6, 0x1CCF9}, {0x1E030, 0x1E06D}, {0x1F16C, 0x1F16C}, {0x1FBF0, 0x1FBF9},
};

// Numbers of Unicode 17.0.
constexpr CodePointRange kNewNumbers[] = {{0x11DE0, 0x11DE9}, {0x16FF4, 0x16FF6}};

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

// The full decomposition that utf8proc knows.
void append_forms(char32_t code, int options, std::u32string& text) {
  std::array<utf8proc_int32_t, 32> parts;  // the longest has 18
  int boundary = 0;
  const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(code), parts.data(),
                                             static_cast<utf8proc_ssize_t>(parts.size()),
                                             static_cast<utf8proc_option_t>(options), &boundary);
  for (utf8proc_ssize_t i = 0; i < count; ++i) {
    text.push_back(static_cast<char32_t>(parts[static_cast<std::size_t>(i)]));
  }
}

// Puts marks in canonical order.
void reorder(std::u32string& text) {
  const auto starts = [](char32_t code) { return combining_class(code) == 0; };
  for (auto first = text.begin(); first != text.end();) {
    first = std::find_if_not(first, text.end(), starts);
    const auto last = std::find_if(first, text.end(), starts);
    std::stable_sort(first, last, [](char32_t a, char32_t b) {
      return combining_class(a) < combining_class(b);
    });
    first = last;
  }
}

}  // namespace

bool is_control(char32_t code) { return contains(control_characters(), code); }
bool is_white_space(char32_t code) { return contains(white_space_characters(), code); }
bool is_punctuation(char32_t code) { return contains(punctuation_characters(), code); }
bool is_nonspacing(char32_t code) { return contains(nonspacing_marks(), code); }
bool is_letter(char32_t code) { return contains(letters(), code); }
bool is_number(char32_t code) { return contains(numbers(), code); }
bool is_numeric(char32_t code) { return is_number(code) || contains(kNewNumbers, code); }
bool is_mark(char32_t code) { return contains(marks(), code); }
bool is_word_character(char32_t code) { return contains(word_characters(), code); }
bool is_chinese(char32_t code) { return contains(kChinese, code); }

int combining_class(char32_t code) {
  if (!is_nonspacing(code) && !contains(other_combining_marks(), code)) return 0;
  return static_cast<int>(
      utf8proc_get_property(static_cast<utf8proc_int32_t>(code))->combining_class);
}

void append_decomposed(char32_t code, std::u32string& text) {
  if (code < 0xC0 || contains(kNewDecompositions, code)) {
    text.push_back(code);
  } else {
    append_forms(code, UTF8PROC_DECOMPOSE, text);
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
  const Ranges tables[] = {white_space_characters(), kChinese,           kNewDecompositions,
                           control_characters(),     nonspacing_marks(), punctuation_characters(),
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
  reorder(result);
  return result;
}

std::u32string compatibility_decomposition(std::u32string_view text) {
  std::u32string result;
  for (const char32_t code : text) {
    if (code < 0xA0 || contains(kNewDecompositions, code) || contains(kNewCompatibility, code)) {
      result.push_back(code);
    } else {
      append_forms(code, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, result);
    }
  }
  reorder(result);
  return result;
}

}  // namespace cram::tokenizer
