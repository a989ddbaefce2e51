#include "named_tokens.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cram/base/error.h"

#include "json_file.h"
#include "json_parts.h"

namespace cram::tokenizer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::array kRoles = {"bos_token", "eos_token", "unk_token", "sep_token",
                               "pad_token", "cls_token", "mask_token"};
// Lists, or objects whose values count.
constexpr std::array kLists = {"additional_special_tokens", "extra_special_tokens"};

constexpr const char* kSaveAnew =
    "if the model was trained with it, save the tokenizer anew, with Python in that folder:\n"
    "  import transformers\n"
    "  transformers.AutoTokenizer.from_pretrained('.').save_pretrained('.')";

json read_if_there(const fs::path& file) {
  return fs::exists(file) ? read_json_file(file) : json::object();
}

// Completes "names the token '…', which".
std::string problem_with(const AddedToken& token, const std::optional<std::string>& wanted,
                         std::optional<TokenId> id, bool is_added) {
  if (!id) return "the vocabulary lacks";
  if (wanted && *wanted != std::to_string(*id))
    return "the vocabulary has as " + std::to_string(*id);
  if (!is_added && !token.special) return "is neither special nor added by a tokenizer.json";
  return "";
}

}  // namespace

NamedTokens::NamedTokens(const fs::path& folder) {
  read_names(folder / "tokenizer_config.json");
  read_names(folder / "special_tokens_map.json");
  read_added(folder / "added_tokens.json");
}

void NamedTokens::read_names(const fs::path& file) {
  const json root = read_if_there(file);
  const std::string name = file.string();
  for (const char* key : kRoles) {
    if (const json& token = json_member(root, key); !token.is_null()) add(name, key, token);
  }
  for (const char* key : kLists) {
    for (const json& token : json_member(root, key)) add(name, key, token);
  }
  read_decoder(json_member(root, "added_tokens_decoder"), name);
}

void NamedTokens::read_decoder(const json& tokens, const std::string& file) {
  for (const auto& [id, token] : tokens.items()) add(file, "added_tokens_decoder", token, id);
}

void NamedTokens::read_added(const fs::path& file) {
  const json root = read_if_there(file);
  for (const auto& [content, id] : root.items()) {
    add(file.string(), content, {{"content", content}, {"special", false}}, id.dump());
  }
}

void NamedTokens::add(const std::string& file, const std::string& key, const json& token,
                      std::optional<std::string> id) {
  AddedToken read{.special = true};
  if (token.is_string()) {
    read.content = token.get<std::string>();
  } else {
    read = read_added_token(token, file);
  }
  if (!id) read.special = true;  // by where it stands
  if (read.content.empty()) {
    throw Error(ErrorCode::kData, file + ": '" + key + "' names a token without a text");
  }
  tokens_.push_back({file, key, std::move(read), std::move(id)});
}

void NamedTokens::add_to(std::vector<AddedToken>& added, const Vocabulary& vocabulary) const {
  for (const Named& named : tokens_) {
    const auto id = vocabulary.find(named.token.content);
    const auto is_it = [&](const AddedToken& token) { return token.id == id; };
    const bool is_added = id && std::any_of(added.begin(), added.end(), is_it);
    if (const auto problem = problem_with(named.token, named.id, id, is_added); !problem.empty()) {
      throw Error(ErrorCode::kData,
                  named.file + ": '" + named.key + "' names the token '" + named.token.content +
                      "', which " + problem,
                  kSaveAnew);
    }
    if (is_added) continue;
    added.push_back(named.token);
    added.back().id = *id;
  }
}

std::string NamedTokens::role(const std::string& key) const {
  const auto found = std::find_if(tokens_.begin(), tokens_.end(),
                                  [&](const Named& named) { return named.key == key; });
  return found == tokens_.end() ? "" : found->token.content;
}

void NamedTokens::check_roles(const Tokenizer& tokenizer) const {
  const SpecialTokens& special = tokenizer.special_tokens();
  const std::pair<const char*, TokenId> roles[] = {{"pad_token", special.pad},
                                                   {"unk_token", special.unk},
                                                   {"cls_token", special.cls},
                                                   {"sep_token", special.sep},
                                                   {"mask_token", special.mask}};
  for (const Named& named : tokens_) {
    for (const auto& [key, id] : roles) {
      if (named.key != key || named.token.content == tokenizer.token(id)) continue;
      throw Error(ErrorCode::kData,
                  named.file + ": '" + key + "' is '" + named.token.content +
                      "', but cram takes '" + std::string(tokenizer.token(id)) + "' for it",
                  "correct the one that the model was not trained with");
    }
  }
}

}  // namespace cram::tokenizer
