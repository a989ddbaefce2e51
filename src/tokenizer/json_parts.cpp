#include "json_parts.h"

#include <algorithm>
#include <array>

#include "json_file.h"

namespace cram::tokenizer {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

ordered_json sequence_json(const char* id, int type) {
  return {{"Sequence", {{"id", id}, {"type_id", type}}}};
}

ordered_json special_json(std::string_view token, int type) {
  return {{"SpecialToken", {{"id", token}, {"type_id", type}}}};
}

}  // namespace

AddedToken read_added_token(const json& part, const std::string& name) {
  AddedToken token;
  token.content = json_string(part, "content", "", name);
  token.single_word = json_bool(part, "single_word", false, name);
  token.lstrip = json_bool(part, "lstrip", false, name);
  token.rstrip = json_bool(part, "rstrip", false, name);
  token.special = json_bool(part, "special", false, name);
  token.normalized = json_bool(part, "normalized", !token.special, name);
  return token;
}

ordered_json added_tokens_json(const Tokenizer& tokenizer, std::vector<AddedToken> added) {
  const SpecialTokens& special = tokenizer.special_tokens();
  std::array ids = {special.pad, special.unk, special.cls, special.sep, special.mask};
  std::sort(ids.begin(), ids.end());
  for (const TokenId id : ids) {
    const auto is_it = [&](const AddedToken& token) { return token.id == id; };
    if (std::any_of(added.begin(), added.end(), is_it)) continue;
    added.push_back({.id = id, .content = std::string(tokenizer.token(id)), .special = true});
  }
  ordered_json tokens = ordered_json::array();
  for (const AddedToken& token : added) {
    tokens.push_back({{"id", token.id},
                      {"content", token.content},
                      {"single_word", token.single_word},
                      {"lstrip", token.lstrip},
                      {"rstrip", token.rstrip},
                      {"normalized", token.normalized},
                      {"special", token.special}});
  }
  return tokens;
}

ordered_json post_processor_json(const Tokenizer& tokenizer, const Framing& framing) {
  if (framing == kBare) return nullptr;
  const SpecialTokens& special = tokenizer.special_tokens();
  const std::string_view cls = tokenizer.token(special.cls);
  const std::string_view sep = tokenizer.token(special.sep);
  ordered_json single = ordered_json::array(), pair = ordered_json::array();
  if (framing.start) single.push_back(special_json(cls, 0));
  single.push_back(sequence_json("A", 0));
  for (int i = 0; i < framing.end; ++i) single.push_back(special_json(sep, 0));
  const int segment = framing.second_segment ? 1 : 0;
  const bool is_framed = framing.between > 0;
  if (is_framed) pair.push_back(special_json(cls, 0));
  pair.push_back(sequence_json("A", 0));
  for (int i = 0; i < framing.between; ++i) pair.push_back(special_json(sep, 0));
  pair.push_back(sequence_json("B", segment));
  if (is_framed) pair.push_back(special_json(sep, segment));
  ordered_json tokens;
  for (const TokenId id : {special.cls, special.sep}) {
    const std::string token(tokenizer.token(id));
    tokens[token] = {{"id", token},
                     {"ids", ordered_json::array({id})},
                     {"tokens", ordered_json::array({token})}};
  }
  return {{"type", "TemplateProcessing"},
          {"single", single},
          {"pair", pair},
          {"special_tokens", tokens}};
}

ordered_json config_json(const Tokenizer& tokenizer, const Use& use,
                         std::string_view tokenizer_class) {
  const SpecialTokens& special = tokenizer.special_tokens();
  ordered_json config = {
      {"tokenizer_class", tokenizer_class},        {"pad_token", tokenizer.token(special.pad)},
      {"unk_token", tokenizer.token(special.unk)}, {"cls_token", tokenizer.token(special.cls)},
      {"sep_token", tokenizer.token(special.sep)}, {"mask_token", tokenizer.token(special.mask)},
      {"clean_up_tokenization_spaces", true}};
  if (use.max_tokens > 0) config["model_max_length"] = use.max_tokens;
  if (!use.framing.second_segment) {
    config["model_input_names"] = ordered_json::array({"input_ids", "attention_mask"});
  }
  return config;
}

}  // namespace cram::tokenizer
