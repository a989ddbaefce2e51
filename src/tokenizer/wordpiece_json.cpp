#include "wordpiece_json.h"

#include <optional>
#include <vector>

#include "cram/base/error.h"

#include "json_file.h"
#include "json_parts.h"
#include "named_tokens.h"
#include "post_processor.h"
#include "token_slots.h"

namespace cram::tokenizer {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// How ascii_only is said in a tokenizer.json.
constexpr const char* kNotAscii = "[^\\x00-\\x7F]";
constexpr std::uint64_t kMaxWordLength = 1 << 20;

[[noreturn]] void throw_unsupported(const std::string& name, const std::string& what,
                                    const std::string& supported) {
  throw Error(ErrorCode::kData, name + ": unsupported " + what,
              "cram reads WordPiece tokenizers with " + supported);
}

bool is_ascii_filter(const json& part, const std::string& name) {
  return json_type(part, name) == "Replace" && json_string(part, "content", "?", name).empty() &&
         json_member(json_member(part, "pattern"), "Regex") == kNotAscii;
}

// BERT's normalizer, with cram's ascii_only after it or without; nothing where it is another.
std::optional<BertNormalization> find_bert_normalizer(const json& part, const std::string& name) {
  const std::string type = json_type(part, name);
  if (type == "BertNormalizer") return read_bert_normalizer(part, name);
  const json& steps = json_member(part, "normalizers");
  if (type != "Sequence" || !steps.is_array() || steps.size() != 2) return std::nullopt;
  if (json_type(steps[0], name) != "BertNormalizer" || !is_ascii_filter(steps[1], name)) {
    return std::nullopt;
  }
  BertNormalization how = read_bert_normalizer(steps[0], name);
  how.ascii_only = true;
  return how;
}

// How text is cut into words: BERT's way, for which there is a fast one, or by steps.
WordPieceOptions read_options(const json& root, const std::string& name) {
  const json& normalizer = json_member(root, "normalizer");
  const json& pre_tokenizer = json_member(root, "pre_tokenizer");
  if (json_type(pre_tokenizer, name) == "BertPreTokenizer") {
    if (const auto bert = find_bert_normalizer(normalizer, name)) return {.normalization = *bert};
  }
  auto steps = std::make_shared<const TextSteps>(normalizer, pre_tokenizer, name);
  return {.normalization = steps->summary(), .steps = steps};
}

// vocab.txt has a token a line.
void check_lines(const std::vector<std::string>& tokens, const std::string& name) {
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    if (tokens[id].find_first_of("\r\n") == std::string::npos) continue;
    throw Error(ErrorCode::kData,
                name + ": token " + std::to_string(id) + " contains a line break");
  }
}

Vocabulary read_vocabulary(const json& root, const std::string& name,
                           std::vector<AddedToken>& added) {
  TokenSlots slots(name);
  slots.put_all(json_member(json_member(root, "model"), "vocab"), "model.vocab");
  added = slots.put_added(json_array(root, "added_tokens", name));
  for (const AddedToken& token : added) {
    if (token.special) continue;
    throw_unsupported(name, "added token '" + token.content + "' that is not special",
                      "special added tokens only");
  }
  std::vector<std::string> tokens = slots.take();
  check_lines(tokens, name);
  return {std::move(tokens), name};
}

ordered_json normalizer_json(const WordPieceOptions& options) {
  if (options.steps) return options.steps->normalizer();
  const BertNormalization& how = options.normalization;
  ordered_json bert = {{"type", "BertNormalizer"},
                       {"clean_text", how.clean_text},
                       {"handle_chinese_chars", how.split_chinese},
                       {"strip_accents", how.strip_accents},
                       {"lowercase", how.lowercase}};
  if (!how.ascii_only) return bert;
  const ordered_json filter = {
      {"type", "Replace"}, {"pattern", {{"Regex", kNotAscii}}}, {"content", ""}};
  return {{"type", "Sequence"}, {"normalizers", ordered_json::array({bert, filter})}};
}

ordered_json pre_tokenizer_json(const WordPieceOptions& options) {
  if (options.steps) return options.steps->pre_tokenizer();
  return {{"type", "BertPreTokenizer"}};
}

ordered_json model_json(const WordPiece& tokenizer) {
  using Members = ordered_json::object_t;
  Members vocab;
  const std::vector<std::string>& tokens = tokenizer.vocabulary().tokens();
  // Appended without the search for an equal key that the map itself would do each time.
  for (std::size_t id = 0; id < tokens.size(); ++id)
    vocab.Members::Container::emplace_back(tokens[id], id);
  return {{"type", "WordPiece"},
          {"unk_token", tokenizer.token(tokenizer.special_tokens().unk)},
          {"continuing_subword_prefix", WordPiece::kContinuation},
          {"max_input_chars_per_word", tokenizer.options().max_word_length},
          {"vocab", std::move(vocab)}};
}

}  // namespace

std::unique_ptr<WordPiece> read_wordpiece_json(const json& root,
                                               const std::filesystem::path& path) {
  const std::string name = path.string();
  const json& model = json_member(root, "model");
  if (json_type(model, name) != "WordPiece") {
    throw_unsupported(name, "model " + json_type(model, name), "the model type WordPiece");
  }
  const std::string prefix = json_string(model, "continuing_subword_prefix", "##", name);
  if (prefix != WordPiece::kContinuation) {
    throw_unsupported(name, "continuing_subword_prefix '" + prefix + "'", "the prefix ##");
  }
  WordPieceOptions options = read_options(root, name);
  options.max_word_length = json_number(model, "max_input_chars_per_word", 100, name);
  if (options.max_word_length > kMaxWordLength) {
    throw Error(ErrorCode::kData, name + ": 'max_input_chars_per_word' is too large");
  }
  const FramedBy framed_by = read_post_processor(json_member(root, "post_processor"), name);
  options.framing = framed_by.framing;
  Vocabulary vocabulary = read_vocabulary(root, name, options.added);
  const NamedTokens named(path.parent_path());
  named.add_to(options.added, vocabulary);
  auto tokenizer = std::make_unique<WordPiece>(std::move(vocabulary), options, name);
  named.check_roles(*tokenizer);
  check_framing(framed_by, *tokenizer, name);
  const std::string unk = json_string(model, "unk_token", "[UNK]", name);
  if (tokenizer->token(tokenizer->special_tokens().unk) != unk) {
    throw_unsupported(name, "unk_token '" + unk + "'", "[UNK] or <unk>");
  }
  return tokenizer;
}

std::string wordpiece_json(const WordPiece& tokenizer, const Framing& framing) {
  ordered_json root = {
      {"version", "1.0"},
      {"truncation", nullptr},
      {"padding", nullptr},
      {"added_tokens", added_tokens_json(tokenizer, tokenizer.options().added)},
      {"normalizer", normalizer_json(tokenizer.options())},
      {"pre_tokenizer", pre_tokenizer_json(tokenizer.options())},
      {"post_processor", post_processor_json(tokenizer, framing)},
      {"decoder", {{"type", "WordPiece"}, {"prefix", WordPiece::kContinuation}, {"cleanup", true}}},
      {"model", model_json(tokenizer)}};
  return root.dump(2) + '\n';
}

std::string wordpiece_config(const WordPiece& tokenizer, const Use& use) {
  // BertTokenizer sets normalizer and frame from its own few options, so it cannot stand for
  // others.
  const Framing& framing = use.framing;
  const BertNormalization& how = tokenizer.options().normalization;
  const bool is_bert = !tokenizer.options().steps && framing.start && framing.end == 1 &&
                       framing.between == 1 && how.clean_text && !how.ascii_only &&
                       tokenizer.options().max_word_length == 100;
  ordered_json config =
      config_json(tokenizer, use, is_bert ? "BertTokenizer" : "PreTrainedTokenizerFast");
  config["clean_up_tokenization_spaces"] = true;
  if (is_bert) {
    config["do_lower_case"] = how.lowercase;
    config["strip_accents"] = how.strip_accents;
    config["tokenize_chinese_chars"] = how.split_chinese;
  }
  return config.dump(2) + '\n';
}

}  // namespace cram::tokenizer
