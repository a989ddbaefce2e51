// The masked-LM corruption: which positions are predicted and what the model sees there.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cram/corpus/corpus.h"
#include "cram/tokenizer/tokenizer.h"

namespace cram::corpus {

struct MaskingOptions {
  double mask_share = 0.8;    // of the chosen positions, shown as [MASK]
  double random_share = 0.1;  // shown as a random token of the whole vocabulary; the rest unchanged
  bool whole_word = false;
};

// Chooses exactly k = round(rate * length) positions of a sequence, at least 1, never [PAD].
// In whole-word mode whole words are drawn until k positions are chosen; the last word is cut.
// The first round(mask_share * k) positions in random order show [MASK], the next ones up to
// round((mask_share + random_share) * k) a random token (Geiping & Goldstein 2022, as in their
// code: fixed counts, drawn anew each time a sequence is seen).
class Masking {
 public:
  Masking(const MaskingOptions& options, const tokenizer::Tokenizer& tokenizer, std::uint64_t seed);

  // Masks `tokens` in place. `draw` names this presentation of the sequence: equal (seed, draw)
  // give equal masks. Writes the k chosen positions in ascending order and their true tokens.
  void apply(std::uint64_t draw, double rate, std::span<TokenId> tokens,
             std::vector<std::int64_t>& positions, std::vector<TokenId>& targets) const;

  // The k above.
  [[nodiscard]] static std::int64_t count(double rate, std::int64_t length);

 private:
  MaskingOptions options_;
  tokenizer::SpecialTokens special_;
  std::int64_t vocab_size_;
  std::uint64_t seed_;
  std::vector<bool> continues_word_;
};

}  // namespace cram::corpus
