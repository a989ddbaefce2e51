// A SentencePiece model (unigram or BPE) as a Tokenizer; the library does the cutting.
#pragma once

#include <memory>
#include <string>

#include "cram/tokenizer/tokenizer.h"

#include "sentencepiece_model.h"
#include "vocabulary.h"

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace cram::tokenizer {

class SentencePiece final : public Tokenizer {
 public:
  // The mark of a space, and so of the beginning of a word.
  static constexpr std::string_view kSpaceMark = "\xE2\x96\x81";  // U+2581

  // `file` is the content of a .model, `name` its name in error messages. Special tokens that text
  // could spell are made control symbols. Throws Error{kData} for what cannot be used.
  SentencePiece(std::string_view file, const std::string& name, const Framing& framing = {});
  ~SentencePiece() override;

  using Tokenizer::encode;
  void encode(std::string_view text, std::vector<TokenId>& ids) const override;
  [[nodiscard]] std::string decode(std::span<const TokenId> ids) const override;
  [[nodiscard]] std::int64_t vocab_size() const override;
  [[nodiscard]] const SpecialTokens& special_tokens() const override { return special_; }
  [[nodiscard]] std::string_view token(TokenId id) const override { return vocabulary_[id]; }
  [[nodiscard]] bool continues_word(TokenId id) const override;
  [[nodiscard]] std::uint64_t fingerprint() const override;
  [[nodiscard]] Framing framing() const override { return framing_; }
  using Tokenizer::save;
  void save(const std::filesystem::path& folder, const Use& use) const override;

  [[nodiscard]] const SentencePieceModel& model() const { return model_; }
  [[nodiscard]] const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  SentencePieceModel model_;
  Vocabulary vocabulary_;
  SpecialTokens special_;
  Framing framing_;
  std::string file_;
  std::unique_ptr<sentencepiece::SentencePieceProcessor> processor_;
};

}  // namespace cram::tokenizer
