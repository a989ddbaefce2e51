// Which special tokens and segments stand around a text and between the texts of a pair.
#pragma once

namespace cram::tokenizer {

// [CLS] A [SEP], and [CLS] A [SEP] B [SEP].
struct Framing {
  int pair_separators = 1;     // between the two texts; RoBERTa has two
  bool second_segment = true;  // the second text has the segment 1, not 0
};

}  // namespace cram::tokenizer
