// The code points of some general categories, as sorted ranges: Unicode 8.0, whatever version the
// installed utf8proc knows, because Hugging Face's tokenizers classify by that version and the ids
// have to agree. Facts from the Unicode Character Database, compared with tokenizers 0.23 code
// point by code point (character_test.cpp). Letters, numbers and word characters are of Unicode
// 16.0, by which its regular expressions go.
#pragma once

#include <span>

namespace cram::tokenizer {

struct CodePointRange {
  char32_t first, last;
};

[[nodiscard]] std::span<const CodePointRange> white_space_characters();
[[nodiscard]] std::span<const CodePointRange> control_characters();
[[nodiscard]] std::span<const CodePointRange> punctuation_characters();
[[nodiscard]] std::span<const CodePointRange> nonspacing_marks();
[[nodiscard]] std::span<const CodePointRange> other_combining_marks();
[[nodiscard]] std::span<const CodePointRange> letters();
[[nodiscard]] std::span<const CodePointRange> numbers();
[[nodiscard]] std::span<const CodePointRange> marks();
[[nodiscard]] std::span<const CodePointRange> word_characters();

}  // namespace cram::tokenizer
