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
  double masking_rate = 0.15;
  std::int64_t max_tokens = 1'000'000;
};

// Packs the documents of `sources` as the model's recipe packs training text, masks them the same
// way in every call, and scores them; the rest that fills no whole sequence is scored, too, by
// itself. Holds one batch of text in memory. Throws Error{kData} when there is no text, and
// Interrupted.
[[nodiscard]] Score score_text(const LoadedModel& model, const TextScoreOptions& options);

}  // namespace cram::train
