// Text to token ids and back. One interface for WordPiece and byte-level BPE (our own) and
// SentencePiece.
//
// Special tokens are ids, never text: "[MASK]" in a document becomes ordinary tokens.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cram::tokenizer {

using TokenId = std::uint32_t;

struct SpecialTokens {
  TokenId pad = 0, unk = 1, cls = 2, sep = 3, mask = 4;
};

// Immutable after construction and safe to use from many threads.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Appends the ids of `text` (valid UTF-8), without special tokens.
  virtual void encode(std::string_view text, std::vector<TokenId>& ids) const = 0;
  [[nodiscard]] std::vector<TokenId> encode(std::string_view text) const;
  // Readable text: pieces joined, continuation marks removed, special tokens by their names.
  [[nodiscard]] virtual std::string decode(std::span<const TokenId> ids) const = 0;

  [[nodiscard]] virtual std::int64_t vocab_size() const = 0;
  [[nodiscard]] virtual const SpecialTokens& special_tokens() const = 0;
  [[nodiscard]] virtual std::string_view token(TokenId id) const = 0;
  // True when the token continues the word of the token before it (for whole-word masking).
  [[nodiscard]] virtual bool continues_word(TokenId id) const = 0;
  [[nodiscard]] bool is_special(TokenId id) const;

  // A hash of all that determines the ids.
  [[nodiscard]] virtual std::uint64_t fingerprint() const = 0;
  // Writes tokenizer.json, tokenizer_config.json and what else there is to it, vocab.txt
  // (WordPiece) or the .model (SentencePiece), into an existing folder, loadable by Hugging Face's
  // AutoTokenizer.
  virtual void save(const std::filesystem::path& folder) const = 0;
};

// How text is cleaned before it is cut, as BertNormalizer does it.
struct Normalization {
  bool lowercase = true;
  bool strip_accents = true;
  bool ascii_only = false;
};

// Reads vocab.txt (BERT's special tokens by name), tokenizer.json, vocab.json with its merges.txt
// or a SentencePiece .model, or a folder that holds one of them (tokenizer.json first).
// `normalization` applies to vocab.txt only.
// Throws Error{kData}, naming what is unsupported.
[[nodiscard]] std::shared_ptr<const Tokenizer> load_tokenizer(const std::filesystem::path& path,
                                                              const Normalization& normalization);

struct FolderTokenizer {
  std::shared_ptr<const Tokenizer> tokenizer;
  Normalization normalization;  // that it applies
};

// Reads the WordPiece or byte-level BPE tokenizer of a Hugging Face folder: tokenizer.json or,
// without one, vocab.txt or vocab.json and merges.txt, and what tokenizer_config.json says about
// them; BERT's tokenizer is in lower case where that says nothing. Throws Error{kData}, naming what
// is unsupported, and where the two files disagree.
[[nodiscard]] FolderTokenizer load_hugging_face_tokenizer(const std::filesystem::path& folder);

}  // namespace cram::tokenizer
