// The masked-LM score of a model on any text.
#pragma once

#include <string>
#include <vector>

#include "cram/train/loaded_model.h"
#include "cram/train/validation.h"

namespace cram::train {

struct TextScoreOptions {
  std::vector<std::string> sources;  // as data.sources of a recipe
  std::string text_field;            // as data.text_field; empty: that of the model's recipe
  // Only documents that the model's recipe holds out of training, whether or not its rules of
  // selection would keep them. Text that a rule cuts out of documents is in them here, which makes
  // them other ones.
  bool held_out_only = false;
  double masking_rate = 0.15;
  std::int64_t max_tokens = 1'000'000;
};

struct TextScore {
  Score score;
  // The loss for a byte of the text, at the tokens a byte that it has: what models with different
  // vocabularies are compared by. Shorter tokens are easier to guess from their neighbours, so it
  // flatters small vocabularies a little.
  double bits_per_byte = 0;
};

// Packs the documents of `sources` as the model's recipe packs training text, masks them the same
// way in every call, and scores them; the rest that fills no whole sequence is scored, too, by
// itself. A source of the recipe's is read as the recipe joins its records. Holds one batch of text
// in memory. Throws Error{kData} when there is no text, and Interrupted.
[[nodiscard]] TextScore score_text(const LoadedModel& model, const TextScoreOptions& options);

}  // namespace cram::train
