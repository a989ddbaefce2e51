// BERT's WordPiece: each word is cut greedily into the longest tokens there are.
//
// Whole words are looked up first; the others walk a trie. Ids are those of Hugging Face's
// BertTokenizer on the same vocabulary, but for special tokens, which text cannot name.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "cram/tokenizer/tokenizer.h"

#include "added_tokens.h"
#include "double_array.h"
#include "text_steps.h"
#include "vocabulary.h"
#include "word_splitter.h"
#include "word_table.h"

namespace cram::tokenizer {

struct WordPieceOptions {
  BertNormalization normalization;
  std::shared_ptr<const TextSteps> steps = {};  // where BERT's are not all: then `normalization`
                                                // says only which of them there are
  std::size_t max_word_length = 100;            // in characters; longer words become [UNK]
  Framing framing = {};                         // no part of the ids of a text
  std::vector<AddedToken> added = {};           // special all, and so no part of them either
};

class WordPiece final : public Tokenizer {
 public:
  static constexpr std::string_view kContinuation = "##";

  // `name` is the file in error messages. Throws Error{kData} when a special token is missing.
  WordPiece(Vocabulary vocabulary, const WordPieceOptions& options, const std::string& name);

  using Tokenizer::encode;
  void encode(std::string_view text, std::vector<TokenId>& ids) const override;
  [[nodiscard]] std::string decode(std::span<const TokenId> ids) const override;
  [[nodiscard]] std::int64_t vocab_size() const override;
  [[nodiscard]] const SpecialTokens& special_tokens() const override { return special_; }
  [[nodiscard]] std::string_view token(TokenId id) const override { return vocabulary_[id]; }
  [[nodiscard]] bool continues_word(TokenId id) const override;
  [[nodiscard]] std::uint64_t fingerprint() const override;
  [[nodiscard]] Framing framing() const override { return options_.framing; }
  using Tokenizer::save;
  void save(const std::filesystem::path& folder, const Use& use) const override;

  [[nodiscard]] const Vocabulary& vocabulary() const { return vocabulary_; }
  [[nodiscard]] const WordPieceOptions& options() const { return options_; }

 private:
  struct Sink;

  void encode_word(std::string_view word, std::vector<TokenId>& ids) const;

  Vocabulary vocabulary_;
  WordPieceOptions options_;
  SpecialTokens special_;
  std::optional<WordSplitter> splitter_;  // unless there are steps
  WordTable whole_words_;
  DoubleArray trie_;
};

}  // namespace cram::tokenizer
