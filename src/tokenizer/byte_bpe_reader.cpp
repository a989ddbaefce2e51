#include "byte_bpe_reader.h"

#include <utility>

#include "cram/base/error.h"

#include "json_file.h"
#include "named_tokens.h"
#include "post_processor.h"
#include "token_slots.h"

namespace cram::tokenizer {
namespace {

using nlohmann::json;

[[noreturn]] void throw_unsupported(const std::string& name, const std::string& what,
                                    const std::string& supported) {
  throw Error(ErrorCode::kData, name + ": unsupported " + what,
              "cram reads byte-level BPE tokenizers with " + supported);
}

bool read_normalizer(const json& part, const std::string& name) {
  const std::string type = json_type(part, name);
  if (type == "null") return false;
  if (type == "NFC") return true;
  const json& steps = json_array(part, "normalizers", name);
  if (type == "Sequence" && steps.size() == 1) return read_normalizer(steps[0], name);
  throw_unsupported(name, "normalizer " + type, "NFC or without one");
}

void read_byte_level(const json& part, const std::string& name, BpeOptions& options) {
  const bool use_regex = json_bool(part, "use_regex", true, name);
  options.pattern = use_regex ? WordPattern::kGpt2 : WordPattern::kWhole;
  options.add_prefix_space = json_bool(part, "add_prefix_space", true, name);
}

WordPattern read_split(const json& part, const std::string& name) {
  const json& regex = json_member(json_member(part, "pattern"), "Regex");
  const auto pattern =
      regex.is_string() ? find_word_pattern(regex.get<std::string>()) : std::nullopt;
  if (!pattern)
    throw_unsupported(name, "pattern of Split", "the patterns of GPT-2 and cl100k_base");
  const std::string behavior = json_string(part, "behavior", "Isolated", name);
  // The patterns leave no text between their matches.
  const bool keeps_words =
      behavior == "Isolated" || (behavior == "Removed" && json_bool(part, "invert", false, name));
  if (!keeps_words) throw_unsupported(name, "behavior " + behavior + " of Split", "Isolated");
  return *pattern;
}

constexpr const char* kPreTokenizers = "ByteLevel, or Split and then ByteLevel without a regex";

// The one or two steps of a Sequence, known to be of the right types.
const json& read_steps(const json& part, const std::string& name) {
  const std::string type = json_type(part, name);
  const json& steps = json_array(part, "pretokenizers", name);
  if (type != "Sequence" || steps.empty() || steps.size() > 2) {
    throw_unsupported(name, "pre_tokenizer " + type, kPreTokenizers);
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::string step = json_type(steps[i], name);
    if (step == (i + 1 == steps.size() ? "ByteLevel" : "Split")) continue;
    throw_unsupported(name, "pre_tokenizer " + step + " in a Sequence", kPreTokenizers);
  }
  return steps;
}

void read_pre_tokenizer(const json& part, const std::string& name, BpeOptions& options) {
  if (json_type(part, name) == "ByteLevel") {
    read_byte_level(part, name, options);
    return;
  }
  const json& steps = read_steps(part, name);
  read_byte_level(steps.back(), name, options);
  if (steps.size() == 1) return;
  if (options.pattern != WordPattern::kWhole || options.add_prefix_space) {
    throw_unsupported(name, "use_regex or add_prefix_space after Split", kPreTokenizers);
  }
  options.pattern = read_split(steps[0], name);
}

void check_decoder(const json& part, const std::string& name) {
  const std::string type = json_type(part, name);
  if (type != "null" && type != "ByteLevel") {
    throw_unsupported(name, "decoder " + type, "the decoder ByteLevel");
  }
}

void check_model(const json& model, const std::string& name) {
  if (json_type(model, name) != "BPE") {
    throw_unsupported(name, "model " + json_type(model, name), "the model type BPE");
  }
  const json& dropout = json_member(model, "dropout");
  if (!dropout.is_null() && dropout != 0) {
    throw_unsupported(name, "dropout", "merges that leave nothing to chance");
  }
  if (json_bool(model, "byte_fallback", false, name)) {
    throw_unsupported(name, "byte_fallback", "a token for each byte");
  }
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    const std::string mark = json_string(model, key, "", name);
    if (!mark.empty()) throw_unsupported(name, key + (" '" + mark + "'"), "tokens without marks");
  }
}

// The vocabulary of `vocab` and of the added tokens; merges and special tokens are still missing.
BpeTokens read_tokens(const json& vocab, const json& added, const std::string& name) {
  TokenSlots slots(name);
  slots.put_all(vocab, "vocab");
  std::vector<AddedToken> tokens = slots.put_added(added);
  Vocabulary vocabulary(slots.take(), name);
  std::vector<bool> in_model(vocabulary.size(), true);
  for (const AddedToken& token : tokens) in_model[token.id] = vocab.contains(token.content);
  return {std::move(vocabulary), {}, std::move(tokens), std::move(in_model), {}};
}

void add_merge(std::string_view left, std::string_view right, const std::string& name,
               BpeTokens& tokens) {
  const auto find = [&](std::string_view token) {
    const auto id = tokens.vocabulary.find(token);
    if (id && tokens.in_model[*id]) return *id;
    throw Error(ErrorCode::kData, name + ": merge " + std::to_string(tokens.merges.size()) +
                                      " needs the token '" + std::string(token) +
                                      "', which is not in the vocabulary");
  };
  tokens.merges.push_back({find(left), find(right), find(std::string(left).append(right))});
}

[[noreturn]] void throw_no_merge(std::size_t index, const std::string& name) {
  throw Error(ErrorCode::kData, name + ": merge " + std::to_string(index) + " is not two tokens");
}

void add_merge_line(std::string_view line, const std::string& name, BpeTokens& tokens) {
  const std::size_t space = line.find(' ');
  if (space == line.npos || line.find(' ', space + 1) != line.npos) {
    throw_no_merge(tokens.merges.size(), name);
  }
  add_merge(line.substr(0, space), line.substr(space + 1), name, tokens);
}

// "a b" or ["a", "b"].
void read_merges(const json& model, const std::string& name, BpeTokens& tokens) {
  for (const json& merge : json_array(model, "merges", name)) {
    if (merge.is_string()) {
      add_merge_line(merge.get_ref<const std::string&>(), name, tokens);
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
               merge[1].is_string()) {
      add_merge(merge[0].get_ref<const std::string&>(), merge[1].get_ref<const std::string&>(),
                name, tokens);
    } else {
      throw_no_merge(tokens.merges.size(), name);
    }
  }
}

// The one that stands around the texts before all.
void put_framing(const FramingToken& token, const Vocabulary& vocabulary, const std::string& name,
                 SpecialNames::Names& names) {
  if (token.content.empty()) return;
  if (vocabulary.find(token.content) != token.id) {
    throw Error(ErrorCode::kData, name + ": '" + token.content +
                                      "' of the post_processor is not the token " +
                                      std::to_string(token.id));
  }
  names.insert(names.begin(), token.content);
}

SpecialTokens find_special(const Vocabulary& vocabulary, const NamedTokens& named,
                           const FramedBy& framed_by, const std::string& name) {
  SpecialNames names;
  // The name that a file beside gives goes before the usual ones.
  const auto put_named = [&](const char* key, SpecialNames::Names& list) {
    if (const std::string token = named.role(key); !token.empty()) list.insert(list.begin(), token);
  };
  put_named("pad_token", names.pad);
  put_named("unk_token", names.unk);
  put_named("cls_token", names.cls);
  put_named("sep_token", names.sep);
  put_named("mask_token", names.mask);
  put_framing(framed_by.cls, vocabulary, name, names.cls);
  put_framing(framed_by.sep, vocabulary, name, names.sep);
  // Nothing needs to be unknown to byte-level BPE.
  names.unk.insert(names.unk.end(), names.pad.begin(), names.pad.end());
  return find_special_tokens(vocabulary, name, names);
}

// Text may not spell a special token by merges.
void check_merges(const BpeTokens& tokens, const std::string& name) {
  const SpecialTokens& special = tokens.special;
  for (const BpeMerge& merge : tokens.merges) {
    for (const TokenId id : {special.pad, special.unk, special.cls, special.sep, special.mask}) {
      if (merge.result != id) continue;
      throw_unsupported(
          name,
          "merge into the special token '" + std::string(tokens.vocabulary[merge.result]) + "'",
          "special tokens that text cannot spell");
    }
  }
}

std::optional<TokenId> read_unknown(const json& model, const BpeTokens& tokens,
                                    const std::string& name) {
  const std::string unknown = json_string(model, "unk_token", "", name);
  if (unknown.empty()) return std::nullopt;
  const auto id = tokens.vocabulary.find(unknown);
  if (!id) throw Error(ErrorCode::kData, name + ": no token '" + unknown + "', the unk_token");
  return id;
}

}  // namespace

std::shared_ptr<const ByteBpe> read_byte_bpe_json(const json& root,
                                                  const std::filesystem::path& path) {
  const std::string name = path.string();
  const NamedTokens named(path.parent_path());
  const json& model = json_member(root, "model");
  BpeOptions options;
  check_model(model, name);
  options.nfc = read_normalizer(json_member(root, "normalizer"), name);
  read_pre_tokenizer(json_member(root, "pre_tokenizer"), name, options);
  check_decoder(json_member(root, "decoder"), name);
  BpeTokens tokens =
      read_tokens(json_member(model, "vocab"), json_array(root, "added_tokens", name), name);
  named.add_to(tokens.added, tokens.vocabulary);
  read_merges(model, name, tokens);
  const FramedBy framed_by = read_post_processor(json_member(root, "post_processor"), name);
  tokens.special = find_special(tokens.vocabulary, named, framed_by, name);
  check_merges(tokens, name);
  options.framing = framed_by.framing;
  options.trim_offsets = framed_by.trim_offsets;
  options.unknown = read_unknown(model, tokens, name);
  options.fuse_unknown = json_bool(model, "fuse_unk", false, name);
  options.ignore_merges = json_bool(model, "ignore_merges", false, name);
  auto tokenizer = std::make_shared<const ByteBpe>(std::move(tokens), options);
  named.check_roles(*tokenizer);
  return tokenizer;
}

}  // namespace cram::tokenizer
