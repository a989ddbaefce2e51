// The tokens that the files of Hugging Face beside a vocabulary name: tokenizer_config.json,
// special_tokens_map.json and added_tokens.json.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "added_tokens.h"
#include "vocabulary.h"

namespace cram::tokenizer {

class NamedTokens {
 public:
  // Those of the files that `folder` has. Throws Error{kData} for what is no name of a token.
  explicit NamedTokens(const std::filesystem::path& folder);

  // Puts the special ones that `added` lacks behind it. Throws Error{kData} for one that is not in
  // the vocabulary, or under another id, and for one that is not special and that `added` lacks.
  void add_to(std::vector<AddedToken>& added, const Vocabulary& vocabulary) const;

  // The token of a role, such as "mask_token"; empty: none is named.
  [[nodiscard]] std::string role(const std::string& key) const;
  // Throws Error{kData} where the tokenizer has another token in a role.
  void check_roles(const Tokenizer& tokenizer) const;

 private:
  struct Named {
    std::string file, key;
    AddedToken token;
    std::optional<std::string> id;
  };

  void read_names(const std::filesystem::path& file);
  void read_decoder(const nlohmann::json& tokens, const std::string& file);
  void read_added(const std::filesystem::path& file);
  void add(const std::string& file, const std::string& key, const nlohmann::json& token,
           std::optional<std::string> id = {});

  std::vector<Named> tokens_;
};

}  // namespace cram::tokenizer
