// BertNormalizer: clean-up, Chinese characters set apart, accents stripped, lower case.
#pragma once

#include <string>
#include <string_view>

#include "cram/tokenizer/tokenizer.h"

namespace cram::tokenizer {

// All that a tokenizer.json can say about it, and cram's ascii_only.
struct BertNormalization {
  bool clean_text = true;     // control characters removed, white space made plain
  bool split_chinese = true;  // spaces around each Chinese character
  bool strip_accents = true;  // canonical decomposition, nonspacing marks removed
  bool lowercase = true;
  bool ascii_only = false;  // at the end, everything else is deleted

  friend bool operator==(const BertNormalization&, const BertNormalization&) = default;
};

[[nodiscard]] inline BertNormalization bert_normalization(const Normalization& options) {
  return {.strip_accents = options.strip_accents,
          .lowercase = options.lowercase,
          .ascii_only = options.ascii_only};
}

// The plain definition, step by step over the whole text. WordSplitter gives the same words faster.
[[nodiscard]] std::u32string normalize(std::u32string_view text, const BertNormalization& options);

}  // namespace cram::tokenizer
