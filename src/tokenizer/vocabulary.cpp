#include "vocabulary.h"

#include <algorithm>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/text/utf8.h"

namespace cram::tokenizer {
namespace {

constexpr std::size_t kMaxTokenBytes = 1024;
constexpr std::uint64_t kMaxVocabBytes = std::uint64_t{32} << 20;

void check_token(const std::string& token, std::size_t id, const std::string& name) {
  const std::string place = name + ": token " + std::to_string(id);
  if (token.empty()) throw Error(ErrorCode::kData, place + " is empty");
  if (token.size() > kMaxTokenBytes) {
    throw Error(ErrorCode::kData,
                place + " is longer than " + std::to_string(kMaxTokenBytes) + " bytes");
  }
  if (!text::is_valid_utf8(token)) throw Error(ErrorCode::kData, place + " is not valid UTF-8");
}

}  // namespace

Vocabulary::Vocabulary(std::vector<std::string> tokens, const std::string& name)
    : tokens_(std::move(tokens)) {
  if (tokens_.empty()) throw Error(ErrorCode::kData, name + ": the vocabulary is empty");
  if (tokens_.size() > kMaxVocabulary) {
    throw Error(ErrorCode::kData,
                name + ": more than " + std::to_string(kMaxVocabulary) + " tokens");
  }
  ids_.reserve(tokens_.size());
  for (std::size_t id = 0; id < tokens_.size(); ++id) {
    check_token(tokens_[id], id, name);
    const auto [first, is_new] = ids_.emplace(tokens_[id], static_cast<TokenId>(id));
    if (!is_new) {
      throw Error(ErrorCode::kData, name + ": tokens " + std::to_string(first->second) + " and " +
                                        std::to_string(id) + " are the same: '" + tokens_[id] +
                                        "'");
    }
  }
}

std::optional<TokenId> Vocabulary::find(std::string_view token) const {
  const auto found = ids_.find(token);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

Vocabulary read_vocab_txt(const std::filesystem::path& path) {
  const std::string text = read_file(path, kMaxVocabBytes);
  std::vector<std::string> tokens;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    tokens.emplace_back(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {std::move(tokens), path.string()};
}

SpecialTokens find_special_tokens(const Vocabulary& vocabulary, const std::string& name,
                                  const SpecialNames& names) {
  const auto find = [&](const SpecialNames::Names& spellings) {
    std::string missing;
    for (const std::string& spelling : spellings) {
      if (const auto id = vocabulary.find(spelling)) return *id;
      missing += (missing.empty() ? "" : " or ") + spelling;
    }
    throw Error(ErrorCode::kData, name + ": no special token " + missing,
                "masked-language modelling needs [PAD], [UNK], [CLS], [SEP] and [MASK]; train a "
                "tokenizer with cram or choose another file");
  };
  return {.pad = find(names.pad),
          .unk = find(names.unk),
          .cls = find(names.cls),
          .sep = find(names.sep),
          .mask = find(names.mask)};
}

}  // namespace cram::tokenizer
