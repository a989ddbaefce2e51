#include "byte_bpe_json.h"

#include <nlohmann/json.hpp>

#include "json_parts.h"

namespace cram::tokenizer {
namespace {

using nlohmann::ordered_json;

ordered_json byte_level_json(const BpeOptions& options) {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", options.add_prefix_space},
          {"trim_offsets", options.trim_offsets},
          {"use_regex", options.pattern == WordPattern::kGpt2}};
}

ordered_json pre_tokenizer_json(const BpeOptions& options) {
  const std::string_view regex = regex_of(options.pattern);
  if (options.pattern == WordPattern::kGpt2 || regex.empty()) return byte_level_json(options);
  const ordered_json split = {{"type", "Split"},
                              {"pattern", {{"Regex", regex}}},
                              {"behavior", "Isolated"},
                              {"invert", false}};
  return {{"type", "Sequence"},
          {"pretokenizers", ordered_json::array({split, byte_level_json(options)})}};
}

// ByteLevel trims the offsets, a template puts special tokens around the text.
ordered_json processor_json(const ByteBpe& tokenizer, const Framing& framing) {
  const BpeOptions& options = tokenizer.options();
  ordered_json processors = ordered_json::array();
  if (options.trim_offsets) processors.push_back(byte_level_json(options));
  if (framing != kBare) processors.push_back(post_processor_json(tokenizer, framing));
  if (processors.empty()) return nullptr;
  if (processors.size() == 1) return processors.front();
  return {{"type", "Sequence"}, {"processors", processors}};
}

ordered_json model_json(const ByteBpe& tokenizer) {
  using Members = ordered_json::object_t;
  const BpeTokens& tokens = tokenizer.tokens();
  const BpeOptions& options = tokenizer.options();
  Members vocab;
  for (TokenId id = 0; id < tokens.vocabulary.size(); ++id) {
    if (tokens.in_model[id]) {
      vocab.Members::Container::emplace_back(tokens.vocabulary[id], id);
    }
  }
  ordered_json merges = ordered_json::array();
  for (const BpeMerge& merge : tokens.merges) {
    merges.push_back(
        ordered_json::array({tokenizer.token(merge.left), tokenizer.token(merge.right)}));
  }
  ordered_json unknown;
  if (options.unknown) unknown = tokenizer.token(*options.unknown);
  return {{"type", "BPE"},
          {"dropout", nullptr},
          {"unk_token", unknown},
          {"continuing_subword_prefix", nullptr},
          {"end_of_word_suffix", nullptr},
          {"fuse_unk", options.fuse_unknown},
          {"byte_fallback", false},
          {"ignore_merges", options.ignore_merges},
          {"vocab", std::move(vocab)},
          {"merges", std::move(merges)}};
}

}  // namespace

std::string byte_bpe_json(const ByteBpe& tokenizer, const Framing& framing) {
  const BpeOptions& options = tokenizer.options();
  ordered_json normalizer;
  if (options.nfc) normalizer = {{"type", "NFC"}};
  const ordered_json root = {
      {"version", "1.0"},
      {"truncation", nullptr},
      {"padding", nullptr},
      {"added_tokens", added_tokens_json(tokenizer, tokenizer.tokens().added)},
      {"normalizer", normalizer},
      {"pre_tokenizer", pre_tokenizer_json(options)},
      {"post_processor", processor_json(tokenizer, framing)},
      {"decoder", byte_level_json(options)},
      {"model", model_json(tokenizer)}};
  return root.dump(2) + '\n';
}

std::string byte_bpe_config(const ByteBpe& tokenizer, const Use& use) {
  ordered_json config = config_json(tokenizer, use, "PreTrainedTokenizerFast");
  config["clean_up_tokenization_spaces"] = false;
  return config.dump(2) + '\n';
}

}  // namespace cram::tokenizer
