// The masked-LM score of a model on any text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cram/train/loaded_model.h"
#include "cram/train/validation.h"

namespace cram::train {

struct TextScoreOptions {
  std::vector<std::string> sources;  // as data.sources of a recipe
  std::string text_field;            // as data.text_field; empty: that of the model's recipe
  // Only documents that the model's recipe holds out of training, whether or not its rules of
  // selection would keep them.
  bool held_out_only = false;
  double masking_rate = 0.15;
  // Whole documents until they hold so many bytes, an equal part from each source; a shorter one's
  // part goes to no other. The same text for every vocabulary.
  std::int64_t max_bytes = 4 << 20;
};

struct TextScore {
  Score score;
  std::int64_t bytes = 0;       // of the documents
  std::uint64_t text_hash = 0;  // of them
  double bits_per_byte = 0;     // loss / ln 2 * tokens / bytes
};

// Packs the documents of `sources` as the model's recipe packs training text, masks them the same
// way in every call, and scores them; the rest that fills no whole sequence is scored, too, by
// itself. Holds a document and a batch in memory.
//
// Losses of two models compare where their vocabularies are the same. Bits a byte compare between
// vocabularies that keep as much of the characters, but flatter small ones: parts of words can be
// told from the other parts, which whole words cannot.
//
// Throws Error{kData} where there is no text, most of it cannot be read or the loss is not finite,
// Error{kUsage} where recipe::held_out_problem() tells of one and only held-out text is wanted, and
// Interrupted.
[[nodiscard]] TextScore score_text(const LoadedModel& model, const TextScoreOptions& options);

}  // namespace cram::train
