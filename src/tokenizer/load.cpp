#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/tokenizer/tokenizer.h"

#include "json_file.h"
#include "wordpiece.h"
#include "wordpiece_json.h"

namespace cram::tokenizer {
namespace {

constexpr std::uint64_t kMaxVocabBytes = std::uint64_t{32} << 20;

// One token a line, as BERT's vocab.txt has it.
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

std::shared_ptr<const Tokenizer> load_file(const std::filesystem::path& path,
                                           const Normalization& normalization) {
  const std::string extension = path.extension().string();
  if (extension == ".txt") {
    const WordPieceOptions options{.normalization = bert_normalization(normalization)};
    return std::make_shared<WordPiece>(read_vocab_txt(path), options, path.string());
  }
  if (extension == ".json") return read_wordpiece_json(read_json_file(path), path.string());
  throw Error(ErrorCode::kData, path.string() + ": not the name of a tokenizer file",
              "give a vocab.txt, a tokenizer.json, a SentencePiece .model or a folder with one");
}

}  // namespace

std::shared_ptr<const Tokenizer> load_tokenizer(const std::filesystem::path& path,
                                                const Normalization& normalization) {
  return load_file(path, normalization);
}

}  // namespace cram::tokenizer
