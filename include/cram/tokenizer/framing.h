// Which special tokens and segments stand around a text and between the texts of a pair.
#pragma once

namespace cram::tokenizer {

// As BERT has it, if nothing else is said: [CLS] A [SEP], and [CLS] A [SEP] B [SEP].
struct Framing {
  bool start = true;           // [CLS] before a lone text; a pair always has it
  int end = 1;                 // [SEP] after a lone text; a pair always ends with one
  int between = 1;             // [SEP] between the texts of a pair, RoBERTa has two; 0: bare pairs
  bool second_segment = true;  // the second text and its end have the segment 1, not 0

  bool operator==(const Framing&) const = default;
};

// Texts as they are.
inline constexpr Framing kBare = {.start = false, .end = 0, .between = 0};

}  // namespace cram::tokenizer
