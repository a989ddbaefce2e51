// The masked-LM corruption: which positions are predicted and what the model sees there.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cram/base/random.h"
#include "cram/corpus/corpus.h"
#include "cram/tokenizer/tokenizer.h"

namespace cram::corpus {

struct MaskingOptions {
  double mask_share = 0.8;    // of the chosen positions, shown as [MASK]
  double random_share = 0.1;  // shown as a random token of the whole vocabulary; the rest unchanged
  bool whole_word = false;
};

// Chooses exactly k = count(rate, n) of the n positions of a sequence that are not [PAD], each
// equally likely. In whole-word mode whole words are drawn until k positions are chosen; the last
// word is cut. The first round(mask_share * k) positions in random order show [MASK], the next ones
// up to round((mask_share + random_share) * k) a random token (Geiping & Goldstein 2022, as in
// their code: fixed counts, drawn anew each time a sequence is seen; [SEP] is masked like a word).
//
// Immutable: safe to use from many threads.
class Masking {
 public:
  // Throws Error{kUsage} when the shares are not shares.
  Masking(const MaskingOptions& options, const tokenizer::Tokenizer& tokenizer);

  // Masks `tokens` in place: a pure function of `random`, `rate` and `tokens`. Replaces `positions`
  // by the k chosen positions in ascending order and `targets` by their true tokens.
  void apply(Random random, double rate, std::span<TokenId> tokens,
             std::vector<std::int64_t>& positions, std::vector<TokenId>& targets) const;

  // Of the tokenizer, whose ids apply() takes.
  [[nodiscard]] std::int64_t vocab_size() const { return vocab_size_; }
  [[nodiscard]] const tokenizer::SpecialTokens& special_tokens() const { return special_; }

  // round(rate * length), at least 1 and at most length.
  [[nodiscard]] static std::int64_t count(double rate, std::int64_t length);

 private:
  void choose_words(Random& random, std::size_t count, std::span<const TokenId> tokens,
                    std::vector<std::int64_t>& positions) const;

  MaskingOptions options_;
  tokenizer::SpecialTokens special_;
  std::uint32_t vocab_size_;
  std::vector<bool> continues_word_;  // by token; filled in whole-word mode only
};

}  // namespace cram::corpus
