// How a model does on a text, as `cram evaluate` leaves it in a file and a study reads it there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cram::study {

struct TextScore {
  double loss = 0;           // nats a masked token
  double bits_per_byte = 0;  // of that loss; what models with different vocabularies compare by
  double accuracy = 0;       // share of masked tokens whose best guess is right
  std::int64_t masked_tokens = 0, sequences = 0;

  std::vector<std::string> sources = {};  // as they were given
  bool held_out_only = false;             // of documents that the model's run held out
  double masking_rate = 0;
  std::int64_t bytes = 0;       // of the documents
  std::string text_hash = {};   // of them
  std::string model_hash = {};  // glue::hash_of_model() of the model folder; empty: not asked for
};

// One JSON object in one line.
[[nodiscard]] std::string to_json(const TextScore& score);
// Throws Error{kData} that begins with `where`.
[[nodiscard]] TextScore parse_text_score(const std::string& json, const std::string& where);

}  // namespace cram::study
