// The tokens of a tokenizer, by id and by text.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cram/tokenizer/tokenizer.h"

namespace cram::tokenizer {

// Larger vocabularies are refused: no model has one, and a hostile file should not fill the memory.
inline constexpr std::size_t kMaxVocabulary = std::size_t{1} << 22;

class Vocabulary {
 public:
  // Throws Error{kData}, with `name` in it, for an empty or a repeated token, for one that is not
  // UTF-8 and for too many of them.
  Vocabulary(std::vector<std::string> tokens, const std::string& name);
  Vocabulary(Vocabulary&&) = default;  // find() refers to the strings where they are
  Vocabulary(const Vocabulary&) = delete;

  [[nodiscard]] std::size_t size() const { return tokens_.size(); }
  [[nodiscard]] const std::vector<std::string>& tokens() const { return tokens_; }
  [[nodiscard]] std::string_view operator[](TokenId id) const { return tokens_.at(id); }
  [[nodiscard]] std::optional<TokenId> find(std::string_view token) const;

 private:
  std::vector<std::string> tokens_;
  std::unordered_map<std::string_view, TokenId> ids_;
};

// Reads a file with one token a line, as BERT's vocab.txt has it. Throws Error{kData}.
[[nodiscard]] Vocabulary read_vocab_txt(const std::filesystem::path& path);

// What special tokens are called, the first name that there is; by default as BERT, RoBERTa and
// SentencePiece call them.
struct SpecialNames {
  using Names = std::vector<std::string>;
  Names pad = {"[PAD]", "<pad>"};
  Names unk = {"[UNK]", "<unk>"};
  Names cls = {"[CLS]", "<cls>", "<s>"};
  Names sep = {"[SEP]", "<sep>", "</s>"};
  Names mask = {"[MASK]", "<mask>"};
};

// Throws Error{kData}, with `name` in it, when one is missing.
[[nodiscard]] SpecialTokens find_special_tokens(const Vocabulary& vocabulary,
                                                const std::string& name,
                                                const SpecialNames& names = {});

}  // namespace cram::tokenizer
