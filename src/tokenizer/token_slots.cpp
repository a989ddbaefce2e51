#include "token_slots.h"

#include "cram/base/error.h"

#include "json_file.h"
#include "json_parts.h"
#include "vocabulary.h"

namespace cram::tokenizer {

using nlohmann::json;

void TokenSlots::put(const std::string& token, const json& id) {
  if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= kMaxVocabulary) {
    throw Error(ErrorCode::kData, name_ + ": the id of token '" + token +
                                      "' is not a whole number below " +
                                      std::to_string(kMaxVocabulary));
  }
  const auto at = id.get<std::size_t>();
  if (at >= tokens_.size()) tokens_.resize(at + 1);
  if (tokens_[at] && *tokens_[at] != token) {
    throw Error(ErrorCode::kData, name_ + ": two tokens have the id " + std::to_string(at));
  }
  tokens_[at] = token;
}

void TokenSlots::put_all(const json& vocab, const char* what) {
  if (!vocab.is_object()) {
    throw Error(ErrorCode::kData, name_ + ": '" + what + "' is not an object");
  }
  for (const auto& [token, id] : vocab.items()) put(token, id);
}

std::vector<AddedToken> TokenSlots::put_added(const json& tokens) {
  std::vector<AddedToken> added;
  for (const json& part : tokens) {
    added.push_back(read_added_token(part, name_));
    const json& id = json_member(part, "id");
    put(added.back().content, id);
    added.back().id = id.get<TokenId>();
  }
  return added;
}

std::vector<std::string> TokenSlots::take() {
  std::vector<std::string> tokens;
  for (std::optional<std::string>& token : tokens_) {
    if (!token) {
      throw Error(ErrorCode::kData,
                  name_ + ": no token has the id " + std::to_string(tokens.size()));
    }
    tokens.push_back(std::move(*token));
  }
  return tokens;
}

}  // namespace cram::tokenizer
