// What the tokenizers need to know about a code point, with the Unicode behaviour of Hugging Face's
// tokenizers 0.23 on every code point, independent of the version of the installed utf8proc:
// categories of Unicode 8.0, canonical decomposition and order of Unicode 10.0, lower case of
// Unicode 17.0, letters, numbers and word characters of Unicode 16.0.
#pragma once

#include <string>

namespace cram::tokenizer {

// Tab, line feed and carriage return are white space here, not control characters.
[[nodiscard]] bool is_control(char32_t code);         // Cc, Cf, Co; unassigned ones are not
[[nodiscard]] bool is_white_space(char32_t code);     // the property White_Space
[[nodiscard]] bool is_punctuation(char32_t code);     // P*, and the symbols of ASCII
[[nodiscard]] bool is_nonspacing(char32_t code);      // Mn
[[nodiscard]] bool is_mark(char32_t code);            // M*
[[nodiscard]] bool is_letter(char32_t code);          // L*
[[nodiscard]] bool is_number(char32_t code);          // N*
[[nodiscard]] bool is_numeric(char32_t code);         // N* of Unicode 17.0
[[nodiscard]] bool is_word_character(char32_t code);  // \w of regular expressions
// Chinese characters as BERT splits them: its list of blocks, of Unicode 8.0.
[[nodiscard]] bool is_chinese(char32_t code);
// The canonical combining class; 0 for most characters.
[[nodiscard]] int combining_class(char32_t code);

// Appends the full canonical decomposition of one code point.
void append_decomposed(char32_t code, std::u32string& text);
// Appends the lower-case form, without regard to context (no final sigma).
void append_lower(char32_t code, std::u32string& text);

// True when every code point from `first` to `last` has the same categories and none of them has a
// decomposition or a lower-case form: what holds for one holds for all.
[[nodiscard]] bool are_alike(char32_t first, char32_t last);

// Normalization form D: every code point decomposed, marks in canonical order.
[[nodiscard]] std::u32string canonical_decomposition(std::u32string_view text);
// Normalization form KD: compatibility characters are decomposed as well.
[[nodiscard]] std::u32string compatibility_decomposition(std::u32string_view text);

}  // namespace cram::tokenizer
