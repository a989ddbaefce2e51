#include <optional>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/tokenizer/tokenizer.h"

#include "byte_bpe_reader.h"
#include "json_file.h"
#include "post_processor.h"
#include "roberta_files.h"
#include "sentencepiece.h"
#include "sentencepiece_json.h"
#include "wordpiece.h"
#include "wordpiece_json.h"

namespace cram::tokenizer {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxModelBytes = std::uint64_t{64} << 20;
constexpr const char* kWhatToGive =
    "give a tokenizer.json, a vocab.txt, a vocab.json beside its merges.txt, a SentencePiece "
    ".model "
    "or a folder that has one";

std::shared_ptr<const SentencePiece> read_model(const fs::path& path, const Framing& framing = {}) {
  return std::make_shared<SentencePiece>(read_file(path, kMaxModelBytes), path.string(), framing);
}

// The one .model file of a folder, whatever its name; nothing when there is none.
std::optional<fs::path> find_model(const fs::path& folder) {
  std::vector<fs::path> models;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".model") models.push_back(entry.path());
  }
  if (models.size() > 1) {
    throw Error(ErrorCode::kData, folder.string() + ": more than one .model file",
                "give the path of the one to use");
  }
  if (models.empty()) return std::nullopt;
  return models.front();
}

std::shared_ptr<const Tokenizer> read_vocab(const fs::path& path,
                                            const Normalization& normalization) {
  const WordPieceOptions options{.normalization = bert_normalization(normalization)};
  return std::make_shared<WordPiece>(read_vocab_txt(path), options, path.string());
}

// A SentencePiece model only as SentencePiece::save() writes it, with the .model beside.
std::shared_ptr<const Tokenizer> read_tokenizer_json(const fs::path& path) {
  const nlohmann::json root = read_json_file(path);
  const nlohmann::json& type = json_member(json_member(root, "model"), "type");
  if (type == "Unigram" || type == "BPE") {
    const auto model_path = find_model(path.parent_path());
    if (model_path) {
      const FramedBy framed_by =
          read_post_processor(json_member(root, "post_processor"), path.string());
      const auto model = read_model(*model_path, framed_by.framing);
      if (is_json_of(root, *model)) {
        check_framing(framed_by, *model, path.string());
        return model;
      }
    }
  }
  if (type == "BPE") return read_byte_bpe_json(root, path);
  return read_wordpiece_json(root, path);
}

std::shared_ptr<const Tokenizer> load_file(const fs::path& path,
                                           const Normalization& normalization) {
  const fs::path extension = path.extension();
  if (path.filename() == "vocab.json") return read_roberta_files(path, read_config_beside(path));
  if (extension == ".json") return read_tokenizer_json(path);
  if (extension == ".model") return read_model(path);
  if (extension == ".txt") return read_vocab(path, normalization);
  throw Error(ErrorCode::kData, path.string() + ": not the name of a tokenizer file", kWhatToGive);
}

fs::path find_tokenizer_file(const fs::path& folder) {
  for (const char* name : {"tokenizer.json", "vocab.txt", "vocab.json"}) {
    if (fs::exists(folder / name)) return folder / name;
  }
  if (const auto model = find_model(folder)) return *model;
  throw Error(ErrorCode::kData, folder.string() + ": no tokenizer in this folder", kWhatToGive);
}

}  // namespace

std::shared_ptr<const Tokenizer> load_tokenizer(const fs::path& path,
                                                const Normalization& normalization) {
  std::error_code ignored;
  const bool is_folder = fs::is_directory(path, ignored);
  return load_file(is_folder ? find_tokenizer_file(path) : path, normalization);
}

}  // namespace cram::tokenizer
