// Text to token ids and back. One interface for WordPiece and byte-level BPE (our own) and
// SentencePiece.
//
// Special tokens are ids, never text: "[MASK]" in a document becomes ordinary tokens.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cram/tokenizer/framing.h"
#include "cram/tokenizer/words.h"

namespace cram::tokenizer {

using TokenId = std::uint32_t;

struct SpecialTokens {
  TokenId pad = 0, unk = 1, cls = 2, sep = 3, mask = 4;
};

// The ids of a text, and for each where its word stands in it, without the space around.
struct PlacedIds {
  std::vector<TokenId> ids;
  std::vector<ByteRange> places;
};

// All that save() of any tokenizer writes.
inline constexpr std::array<std::string_view, 4> kTokenizerFiles = {
    "tokenizer.json", "tokenizer_config.json", "vocab.txt", "tokenizer.model"};

// How a model uses its tokenizer, as files of it say.
struct Use {
  Framing framing;
  std::int64_t max_tokens = 0;  // of a text; 0: any number
};

// Immutable after construction and safe to use from many threads.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Appends the ids of `text` (valid UTF-8), without special tokens.
  virtual void encode(std::string_view text, std::vector<TokenId>& ids) const = 0;
  [[nodiscard]] std::vector<TokenId> encode(std::string_view text) const;
  // The ids of a text whose words' places are wanted: split_words, encoded one by one, or what the
  // tokenizer itself takes for words.
  [[nodiscard]] virtual PlacedIds encode_words(std::string_view text) const;
  // True where a space belongs to the tokens of the word after it, as in byte-level BPE: a word of
  // a list is then encoded with a space before it.
  [[nodiscard]] virtual bool spaces_begin_words() const { return false; }
  // True where white space before the mask token is part of it.
  [[nodiscard]] virtual bool mask_takes_space() const { return false; }
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
  // What its file puts around texts, which encode() leaves to its caller.
  [[nodiscard]] virtual Framing framing() const { return {}; }
  // Writes tokenizer.json, tokenizer_config.json and what else there is to it, vocab.txt
  // (WordPiece) or the .model (SentencePiece), into an existing folder, loadable by Hugging Face's
  // AutoTokenizer, which frames and cuts texts as `use` says.
  virtual void save(const std::filesystem::path& folder, const Use& use) const = 0;
  void save(const std::filesystem::path& folder) const { save(folder, {.framing = framing()}); }
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
