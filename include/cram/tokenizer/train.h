// Vocabularies from text.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "cram/tokenizer/tokenizer.h"

namespace cram::tokenizer {

enum class Algorithm { kWordPiece, kUnigram, kBpe };

struct TrainOptions {
  Algorithm algorithm = Algorithm::kWordPiece;
  std::int64_t vocab_size = 32768;
  Normalization normalization{};
  int threads = 1;
};

// Yields documents until there are no more; called from one thread at a time.
using TextSource = std::function<std::optional<std::string>()>;

// Trains on all the text that `source` yields. The result is the same for any thread count.
// Special tokens get the ids 0 to 4 in the order of SpecialTokens.
// Throws Error{kData} when the text has too few distinct characters or words for the vocabulary.
[[nodiscard]] std::shared_ptr<const Tokenizer> train_tokenizer(const TrainOptions& options,
                                                               const TextSource& source);

}  // namespace cram::tokenizer
