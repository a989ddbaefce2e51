// A WordPiece vocabulary from counted words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "word_counter.h"

namespace cram::tokenizer {

struct WordPieceTrainerOptions {
  std::size_t vocab_size = 32768;
  std::size_t alphabet_limit = 1000;  // the most frequent characters; others stay [UNK]
  std::size_t max_word_length = 100;  // in characters; longer words are [UNK] anyway
};

// The algorithm of Hugging Face's WordPieceTrainer: characters (inner ones with ##), then the most
// frequent pair of neighbours joined, again and again. Where that leaves the order to chance (equal
// counts, numbering of ## characters) the order of code points and of ids decides.
// The tokens come in the order of their ids and begin with [PAD] [UNK] [CLS] [SEP] [MASK].
// Throws Error{kData} when the words do not give exactly vocab_size tokens.
[[nodiscard]] std::vector<std::string> train_wordpiece(const std::vector<CountedWord>& words,
                                                       const WordPieceTrainerOptions& options);

}  // namespace cram::tokenizer
