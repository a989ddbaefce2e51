// Guesses for the blanks of a sentence.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cram/train/loaded_model.h"

namespace cram::train {

struct Guess {
  tokenizer::TokenId id = 0;
  std::string token;  // as text; in byte-level BPE with the space before it
  double probability = 0;
};

// The `count` likeliest tokens, best first, for each "[MASK]" of `text`, or the name of the
// tokenizer's own mask token, from left to right, all blanks at once. The text is framed as in
// pretraining: [CLS] before it and [SEP] behind it where the recipe had them. Throws Error{kUsage}
// when there is no [MASK] or the text is longer than the model's sequence length.
[[nodiscard]] std::vector<std::vector<Guess>> fill_masks(const LoadedModel& model,
                                                         std::string_view text, int count);

}  // namespace cram::train
