// Tokens by id, while they are being collected from a file that may hold anything.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "added_tokens.h"

namespace cram::tokenizer {

class TokenSlots {
 public:
  // `name` is the file in error messages and outlives the slots.
  explicit TokenSlots(const std::string& name) : name_(name) {}

  // Throws Error{kData} when `id` is no possible id or belongs to another token.
  void put(const std::string& token, const nlohmann::json& id);
  // All tokens of an object whose members are ids; `what` names it. Throws Error{kData}.
  void put_all(const nlohmann::json& vocab, const char* what);
  // Those of an array of added tokens. Throws Error{kData}.
  std::vector<AddedToken> put_added(const nlohmann::json& tokens);
  // The tokens in the order of their ids. Throws Error{kData} when an id has none.
  [[nodiscard]] std::vector<std::string> take();

 private:
  const std::string& name_;
  std::vector<std::optional<std::string>> tokens_;
};

}  // namespace cram::tokenizer
