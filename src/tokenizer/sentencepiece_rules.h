// Normalisation for SentencePiece, which carries its rules inside the model.
#pragma once

#include <string>

#include "cram/tokenizer/tokenizer.h"

namespace cram::tokenizer {

// What the trainer is given: the name of a rule set that it brings along, or rules of our own.
struct SentencePieceRules {
  std::string name;   // empty when there is a table
  std::string table;  // lines "code points <tab> code points", in hexadecimal
};

// Compatibility normalisation (NFKC) with what `options` adds, character by character. A stripped
// accent is gone in both of its spellings, composed and combining.
[[nodiscard]] SentencePieceRules sentencepiece_rules(const Normalization& options);

}  // namespace cram::tokenizer
