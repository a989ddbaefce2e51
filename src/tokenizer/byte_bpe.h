// Byte-level BPE, as GPT-2, RoBERTa and ModernBERT have it: text is cut into words by a pattern,
// the bytes of each word are merged pair by pair. Nothing is unknown that has all 256 bytes as
// tokens.
//
// Words that are tokens as a whole are looked up first; the others are merged. Ids are those of
// Hugging Face's tokenizers on the same files, but for special tokens, which text cannot name.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "cram/tokenizer/tokenizer.h"

#include "added_tokens.h"
#include "merge_table.h"
#include "nfc.h"
#include "vocabulary.h"
#include "word_pattern.h"
#include "word_table.h"

namespace cram::tokenizer {

struct BpeMerge {
  TokenId left, right, result;
};

// All that a tokenizer.json says beside the tokens.
struct BpeOptions {
  WordPattern pattern = WordPattern::kGpt2;
  bool add_prefix_space = false;   // before text that begins with none
  bool nfc = false;                // normalization form C first
  bool ignore_merges = false;      // a word that is a token is not merged
  bool fuse_unknown = false;       // neighbours that are unknown are one
  std::optional<TokenId> unknown;  // what a byte without a token becomes; nothing without one
  Framing framing = kBare;         // no part of the ids of a text
  bool trim_offsets = false;       // for other programs: offsets leave out spaces
};

struct BpeTokens {
  Vocabulary vocabulary;
  std::vector<BpeMerge> merges;   // the best first
  std::vector<AddedToken> added;  // in the order of the file
  std::vector<bool> in_model;     // by id; the others are added tokens only
  SpecialTokens special;
};

class ByteBpe final : public Tokenizer {
 public:
  ByteBpe(BpeTokens tokens, const BpeOptions& options);

  using Tokenizer::encode;
  void encode(std::string_view text, std::vector<TokenId>& ids) const override;
  [[nodiscard]] PlacedIds encode_words(std::string_view text) const override;
  [[nodiscard]] bool spaces_begin_words() const override { return true; }
  [[nodiscard]] bool mask_takes_space() const override;
  [[nodiscard]] std::string decode(std::span<const TokenId> ids) const override;
  [[nodiscard]] std::int64_t vocab_size() const override;
  [[nodiscard]] const SpecialTokens& special_tokens() const override { return tokens_.special; }
  [[nodiscard]] std::string_view token(TokenId id) const override { return tokens_.vocabulary[id]; }
  // A token that begins with a letter, a digit or a byte beyond ASCII does.
  [[nodiscard]] bool continues_word(TokenId id) const override;
  [[nodiscard]] std::uint64_t fingerprint() const override;
  [[nodiscard]] Framing framing() const override { return options_.framing; }
  using Tokenizer::save;
  void save(const std::filesystem::path& folder, const Use& use) const override;

  [[nodiscard]] const BpeTokens& tokens() const { return tokens_; }
  [[nodiscard]] const BpeOptions& options() const { return options_; }

 private:
  class Pass;

  [[nodiscard]] std::optional<TokenId> find_in_model(std::string_view token) const;
  [[nodiscard]] AddedTokenFinder finder(bool normalized) const;
  void find_bytes();
  void find_whole_words();

  BpeTokens tokens_;
  BpeOptions options_;
  std::optional<Nfc> nfc_;
  AddedTokenFinder raw_finder_, normalized_finder_;
  MergeTable merges_;
  std::array<std::optional<TokenId>, 256> bytes_;
  WordTable whole_words_;
};

}  // namespace cram::tokenizer
