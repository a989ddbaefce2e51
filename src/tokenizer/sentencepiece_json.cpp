#include "sentencepiece_json.h"

#include <algorithm>
#include <tuple>

#include "base64.h"
#include "json_file.h"
#include "json_parts.h"
#include "utf8.h"

namespace cram::tokenizer {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

ordered_json replace_json(const char* pattern, const char* content) {
  return {{"type", "Replace"}, {"pattern", {{"Regex", pattern}}}, {"content", content}};
}

ordered_json normalizer_json(const SentencePieceModel& model) {
  ordered_json steps = ordered_json::array();
  if (!model.charsmap.empty()) {
    steps.push_back({{"type", "Precompiled"}, {"precompiled_charsmap", base64(model.charsmap)}});
  }
  if (model.remove_extra_whitespaces) {
    steps.push_back({{"type", "Strip"}, {"strip_left", true}, {"strip_right", true}});
    steps.push_back(replace_json(" {2,}", " "));
  }
  return {{"type", "Sequence"}, {"normalizers", steps}};
}

ordered_json metaspace_json(const SentencePieceModel& model) {
  return {{"type", "Metaspace"},
          {"replacement", SentencePiece::kSpaceMark},
          {"prepend_scheme", model.add_dummy_prefix ? "always" : "never"},
          {"split", model.model == PieceModel::kUnigram}};
}

ordered_json unigram_json(const SentencePiece& tokenizer) {
  ordered_json vocab = ordered_json::array();
  for (const Piece& piece : tokenizer.model().pieces) {
    vocab.push_back(ordered_json::array({piece.text, piece.score}));
  }
  return {{"type", "Unigram"},
          {"unk_id", tokenizer.special_tokens().unk},
          {"vocab", std::move(vocab)},
          {"byte_fallback", tokenizer.model().byte_fallback}};
}

// SentencePiece joins the pair whose result has the best score; as rules that is one for each way
// to cut a piece in two pieces, in the order of the scores.
ordered_json merges_json(const std::vector<Piece>& pieces, const Vocabulary& vocabulary) {
  using Rule = std::tuple<float, TokenId, TokenId, TokenId>;  // minus score, piece, left, right
  std::vector<Rule> rules;
  for (TokenId id = 0; id < pieces.size(); ++id) {
    if (pieces[id].type != PieceType::kNormal) continue;
    const std::string_view text = pieces[id].text;
    for (std::size_t cut = decode_utf8(text).length; cut < text.size();
         cut += decode_utf8(text.substr(cut)).length) {
      const auto left = vocabulary.find(text.substr(0, cut));
      const auto right = vocabulary.find(text.substr(cut));
      if (left && right) rules.emplace_back(-pieces[id].score, id, *left, *right);
    }
  }
  std::sort(rules.begin(), rules.end());
  ordered_json merges = ordered_json::array();
  for (const auto& [score, id, left, right] : rules) {
    merges.push_back(ordered_json::array({pieces[left].text, pieces[right].text}));
  }
  return merges;
}

ordered_json bpe_json(const SentencePiece& tokenizer) {
  const SentencePieceModel& model = tokenizer.model();
  using Members = ordered_json::object_t;
  Members vocab;
  for (std::size_t id = 0; id < model.pieces.size(); ++id) {
    vocab.Members::Container::emplace_back(model.pieces[id].text, id);
  }
  return {{"type", "BPE"},
          {"dropout", nullptr},
          {"unk_token", tokenizer.token(tokenizer.special_tokens().unk)},
          {"continuing_subword_prefix", nullptr},
          {"end_of_word_suffix", nullptr},
          {"fuse_unk", true},
          {"byte_fallback", model.byte_fallback},
          {"ignore_merges", false},
          {"vocab", std::move(vocab)},
          {"merges", merges_json(model.pieces, tokenizer.vocabulary())}};
}

ordered_json root_json(const SentencePiece& tokenizer, const Framing& framing) {
  const SentencePieceModel& model = tokenizer.model();
  const bool is_unigram = model.model == PieceModel::kUnigram;
  return {{"version", "1.0"},
          {"truncation", nullptr},
          {"padding", nullptr},
          {"added_tokens", added_tokens_json(tokenizer)},
          {"normalizer", normalizer_json(model)},
          {"pre_tokenizer", metaspace_json(model)},
          {"post_processor", post_processor_json(tokenizer, framing)},
          {"decoder", metaspace_json(model)},
          {"model", is_unigram ? unigram_json(tokenizer) : bpe_json(tokenizer)}};
}

}  // namespace

std::string sentencepiece_json(const SentencePiece& tokenizer, const Framing& framing) {
  return root_json(tokenizer, framing).dump(2) + '\n';
}

std::string sentencepiece_config(const SentencePiece& tokenizer, const Use& use) {
  ordered_json config = config_json(tokenizer, use, "PreTrainedTokenizerFast");
  config["clean_up_tokenization_spaces"] = false;
  return config.dump(2) + '\n';
}

bool is_json_of(const json& root, const SentencePiece& tokenizer) {
  const json ours = json::parse(sentencepiece_json(tokenizer, tokenizer.framing()));
  for (const char* part : {"normalizer", "pre_tokenizer", "model"}) {
    if (json_member(root, part) != json_member(ours, part)) return false;
  }
  return true;
}

}  // namespace cram::tokenizer
