#include "roberta_files.h"

#include <algorithm>
#include <array>
#include <string>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/text/utf8.h"

#include "byte_bpe_reader.h"
#include "json_file.h"

namespace cram::tokenizer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t kMaxMergesBytes = std::uint64_t{64} << 20;
constexpr std::array<std::string_view, 2> kClasses = {"RobertaTokenizer", "RobertaTokenizerFast"};

void check_files(const fs::path& folder, const json& config) {
  const std::string name = (folder / "tokenizer_config.json").string();
  const std::string type = json_string(config, "tokenizer_class", "RobertaTokenizer", name);
  if (std::find(kClasses.begin(), kClasses.end(), type) == kClasses.end()) {
    throw Error(ErrorCode::kData, name + ": unsupported tokenizer_class '" + type + "'",
                "without a tokenizer.json, cram reads the vocab.json of a RobertaTokenizer");
  }
}

json read_merges(const fs::path& path) {
  const std::string text = read_file(path, kMaxMergesBytes);
  if (!text::is_valid_utf8(text)) {
    throw Error(ErrorCode::kData, path.string() + ": not valid UTF-8");
  }
  json merges = json::array();
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty() && !line.starts_with("#version")) merges.push_back(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return merges;
}

struct Roles {
  std::string cls, sep, mask;
  json added = json::array();
};

// The special tokens: as the config names them, or else by RoBERTa's names.
Roles read_roles(const json& vocab, const json& config, const std::string& name) {
  Roles roles;
  const struct {
    const char* key;
    const char* usual;
    std::string* token;
  } kRoles[] = {{"cls_token", "<s>", &roles.cls},
                {"pad_token", "<pad>", nullptr},
                {"sep_token", "</s>", &roles.sep},
                {"unk_token", "<unk>", nullptr},
                {"mask_token", "<mask>", &roles.mask}};
  for (const auto& [key, usual, token] : kRoles) {
    const std::string content = json_token_name(config, key, usual, name);
    if (token != nullptr) *token = content;
    roles.added.push_back({{"id", json_member(vocab, content.c_str())},
                           {"content", content},
                           {"lstrip", token == &roles.mask},
                           {"special", true}});
  }
  return roles;
}

}  // namespace

std::shared_ptr<const ByteBpe> read_roberta_files(const fs::path& vocab_path, const json& config) {
  const fs::path folder = vocab_path.parent_path();
  const std::string name = vocab_path.string();
  check_files(folder, config);
  json vocab = read_json_file(vocab_path);
  Roles roles = read_roles(vocab, config, name);
  const bool add_prefix_space = json_bool(config, "add_prefix_space", false, name);
  const bool trim_offsets = json_bool(config, "trim_offsets", true, name);
  const json byte_level = {{"type", "ByteLevel"}, {"add_prefix_space", add_prefix_space}};
  const json processor = {{"type", "RobertaProcessing"},
                          {"cls", {roles.cls, json_member(vocab, roles.cls.c_str())}},
                          {"sep", {roles.sep, json_member(vocab, roles.sep.c_str())}},
                          {"trim_offsets", trim_offsets}};
  const json model = {
      {"type", "BPE"}, {"vocab", std::move(vocab)}, {"merges", read_merges(folder / "merges.txt")}};
  // As a tokenizer.json would say it.
  return read_byte_bpe_json({{"added_tokens", std::move(roles.added)},
                             {"pre_tokenizer", byte_level},
                             {"post_processor", processor},
                             {"model", model}},
                            vocab_path);
}

}  // namespace cram::tokenizer
