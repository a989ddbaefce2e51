// The part of a recipe that says which documents are learned from; cram/selection/ has the rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cram::recipe {

struct Selection {
  std::vector<std::string> languages = {};  // codes such as en; empty: any
  bool quality = false;                     // prose alone, by the rules of MassiveText
  std::int64_t min_words = 50;              // one of them
  std::int64_t max_words = 100'000;         // another; books have more
  bool repetition = false;  // nothing that says the same again and again, by those rules
  std::vector<std::string> decontaminate = {};  // files and folders of texts to keep out
  std::int64_t decontaminate_words = 13;        // in a row that give such a text away
  bool exact_duplicates = false;                // whether they go
  bool near_duplicates = false;
  double similarity = 0.75;  // of a near duplicate: Jaccard, of sets of word 5-grams
  std::int64_t minhash_bands = 16;
  std::int64_t minhash_rows = 6;
  std::optional<std::int64_t> substring_bytes = {};  // that stood before are cut out; empty: none
  std::int64_t substring_memory = std::int64_t{2} << 30;  // bytes, to find them in
  std::optional<double> max_tokens_per_character = {};    // compressibility; empty: any
  bool operator==(const Selection&) const = default;
};

}  // namespace cram::recipe
