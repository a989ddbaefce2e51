// The tokenizer files of Hugging Face's model folders.
#include <algorithm>
#include <array>

#include "cram/base/error.h"
#include "cram/tokenizer/tokenizer.h"

#include "byte_bpe_reader.h"
#include "json_file.h"
#include "named_tokens.h"
#include "roberta_files.h"
#include "wordpiece.h"
#include "wordpiece_json.h"

namespace cram::tokenizer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// The classes whose vocab.txt is read as BERT's.
constexpr std::array<std::string_view, 4> kClasses = {"BertTokenizer", "BertTokenizerFast",
                                                      "ElectraTokenizer", "ElectraTokenizerFast"};

std::string config_beside(const fs::path& path) {
  return (path.parent_path() / "tokenizer_config.json").string();
}

// How to clean text as tokenizer_config.json says it. Accents follow the case when nothing is said
// about them.
BertNormalization read_config(const json& config, const std::string& name) {
  BertNormalization how;
  how.lowercase = json_bool(config, "do_lower_case", true, name);
  how.strip_accents = json_bool(config, "strip_accents", how.lowercase, name);
  how.split_chinese = json_bool(config, "tokenize_chinese_chars", true, name);
  return how;
}

void check_config(const json& config, const std::string& name) {
  const std::string type = json_string(config, "tokenizer_class", "BertTokenizer", name);
  if (std::find(kClasses.begin(), kClasses.end(), type) == kClasses.end()) {
    throw Error(ErrorCode::kData, name + ": unsupported tokenizer_class '" + type + "'",
                "without a tokenizer.json, cram reads the vocab.txt of a BertTokenizer");
  }
  if (!json_bool(config, "do_basic_tokenize", true, name)) {
    throw Error(ErrorCode::kData, name + ": unsupported do_basic_tokenize false",
                "cram reads WordPiece tokenizers that split words as BERT does");
  }
}

// The ends of a text, and what its special tokens are, as they are to all of cram.
void check_use(const json& config, const std::string& name) {
  for (const char* key : {"padding_side", "truncation_side"}) {
    const std::string side = json_string(config, key, "right", name);
    if (side == "right") continue;
    throw Error(ErrorCode::kData, name + ": unsupported " + key + " '" + side + "'",
                "cram fills up and cuts texts at their right end");
  }
  if (json_bool(config, "split_special_tokens", false, name)) {
    throw Error(ErrorCode::kData, name + ": unsupported split_special_tokens true",
                "cram writes folders that find special tokens in text, as most do");
  }
}

// What tokenizer_config.json says overrides tokenizer.json in some programs and not in others.
void check_agreement(const json& config, const BertNormalization& how, const std::string& name) {
  const struct {
    const char* key;
    bool in_json;
  } keys[] = {{"do_lower_case", how.lowercase},
              {"strip_accents", how.strip_accents},
              {"tokenize_chinese_chars", how.split_chinese}};
  for (const auto& [key, in_json] : keys) {
    if (json_bool(config, key, in_json, name) == in_json) continue;
    throw Error(ErrorCode::kData,
                name + ": '" + key + "' is not what the tokenizer.json beside it says",
                "correct or remove the one that the model was not trained with");
  }
}

FolderTokenizer described(std::shared_ptr<const WordPiece> tokenizer) {
  const BertNormalization& how = tokenizer->options().normalization;
  return {.tokenizer = tokenizer,
          .normalization = {.lowercase = how.lowercase,
                            .strip_accents = how.strip_accents,
                            .ascii_only = how.ascii_only}};
}

FolderTokenizer described(std::shared_ptr<const ByteBpe> tokenizer) {
  return {.tokenizer = std::move(tokenizer),
          .normalization = {.lowercase = false, .strip_accents = false}};
}

FolderTokenizer read_tokenizer_json(const fs::path& path, const json& config) {
  const json root = read_json_file(path);
  if (json_member(json_member(root, "model"), "type") == "BPE") {
    return described(read_byte_bpe_json(root, path));
  }
  std::shared_ptr<const WordPiece> tokenizer = read_wordpiece_json(root, path);
  check_agreement(config, tokenizer->options().normalization, config_beside(path));
  return described(std::move(tokenizer));
}

FolderTokenizer read_bert_vocab(const fs::path& path, const json& config) {
  const std::string name = config_beside(path);
  check_config(config, name);
  WordPieceOptions options{.normalization = read_config(config, name)};
  Vocabulary vocabulary = read_vocab_txt(path);
  const NamedTokens named(path.parent_path());
  named.add_to(options.added, vocabulary);
  auto tokenizer = std::make_shared<const WordPiece>(std::move(vocabulary), options, path);
  named.check_roles(*tokenizer);
  return described(std::move(tokenizer));
}

FolderTokenizer read_roberta_vocab(const fs::path& path, const json& config) {
  return described(read_roberta_files(path, config));
}

// The first one that a folder has is read.
constexpr struct {
  const char* file;
  FolderTokenizer (*read)(const fs::path& path, const json& config);
} kReaders[] = {{"tokenizer.json", read_tokenizer_json},
                {"vocab.txt", read_bert_vocab},
                {"vocab.json", read_roberta_vocab}};

}  // namespace

FolderTokenizer load_hugging_face_tokenizer(const fs::path& folder) {
  for (const auto& [file, read] : kReaders) {
    const fs::path path = folder / file;
    if (!fs::exists(path)) continue;
    const json config = read_config_beside(path);
    check_use(config, config_beside(path));
    return read(path, config);
  }
  throw Error(ErrorCode::kData,
              folder.string() + ": neither a tokenizer.json nor a vocab.txt or vocab.json",
              "put the tokenizer that the model was trained with into the folder");
}

}  // namespace cram::tokenizer
