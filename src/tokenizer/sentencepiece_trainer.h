// SentencePiece models from text, through the library's trainer.
#pragma once

#include <string>

#include "cram/tokenizer/train.h"

namespace cram::tokenizer {

// The content of a .model file with [PAD] [UNK] [CLS] [SEP] [MASK] as pieces 0 to 4. The trainer
// runs in a process of its own, because it ends the process when something displeases it.
// Throws Error{kData} with its reason, and Interrupted.
[[nodiscard]] std::string train_sentencepiece(const TrainOptions& options,
                                              const TextSource& source);

}  // namespace cram::tokenizer
