#include "sentencepiece.h"

#include <algorithm>

#include <sentencepiece_processor.h>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/hash.h"
#include "cram/text/utf8.h"

#include "sentencepiece_json.h"
#include "sentencepiece_log.h"

namespace cram::tokenizer {
namespace {

Vocabulary vocabulary_of(const SentencePieceModel& model, const std::string& name) {
  std::vector<std::string> tokens;
  for (const Piece& piece : model.pieces) tokens.push_back(piece.text);
  return {std::move(tokens), name};
}

// Special tokens that the library would find in text.
std::vector<std::size_t> injectable(const SentencePieceModel& model, const SpecialTokens& special) {
  std::vector<std::size_t> ids;
  for (const TokenId id : {special.pad, special.cls, special.sep, special.mask}) {
    if (model.pieces[id].type != PieceType::kControl) ids.push_back(id);
  }
  return ids;
}

std::unique_ptr<sentencepiece::SentencePieceProcessor> load_processor(const std::string& file,
                                                                      const std::string& name) {
  silence_sentencepiece();
  auto processor = std::make_unique<sentencepiece::SentencePieceProcessor>();
  std::string reason = "the library cannot load it";
  try {
    const auto status = processor->LoadFromSerializedProto(file);
    if (status.ok()) return processor;
    reason = status.error_message();
  } catch (const std::exception&) {
    // The library's trie throws; what it says is about its own source lines.
  }
  std::replace(reason.begin(), reason.end(), '\n', ' ');
  throw Error(ErrorCode::kData, name + ": broken SentencePiece model: " + reason);
}

// "<0x41>" -> 'A'.
char byte_of_piece(std::string_view piece) {
  return static_cast<char>(std::stoi(std::string(piece.substr(3, 2)), nullptr, 16));
}

}  // namespace

SentencePiece::SentencePiece(std::string_view file, const std::string& name, const Framing& framing)
    : model_(parse_sentencepiece_model(file, name)),
      vocabulary_(vocabulary_of(model_, name)),
      special_(find_special_tokens(vocabulary_, name)),
      framing_(framing),
      file_(with_control_symbols(file, injectable(model_, special_), name)),
      processor_(load_processor(file_, name)) {
  if (model_.pieces[special_.unk].type != PieceType::kUnknown) {
    throw Error(ErrorCode::kData, name + ": " + model_.pieces[special_.unk].text +
                                      " is not the piece for unknown text");
  }
}

SentencePiece::~SentencePiece() = default;

void SentencePiece::encode(std::string_view text, std::vector<TokenId>& ids) const {
  std::vector<int> pieces;
  const auto status = processor_->Encode(text, &pieces);
  if (!status.ok()) {
    throw Error(ErrorCode::kInternal, std::string("SentencePiece: ") + status.error_message());
  }
  for (const int piece : pieces) ids.push_back(static_cast<TokenId>(piece));
}

std::string SentencePiece::decode(std::span<const TokenId> ids) const {
  std::string text;
  for (const TokenId id : ids) {
    const Piece& piece = model_.pieces.at(id);
    if (piece.type == PieceType::kByte) {
      text += byte_of_piece(piece.text);
    } else if (piece.type == PieceType::kControl || is_special(id)) {
      text += ' ' + piece.text;
    } else {
      std::string_view rest = piece.text;
      for (std::size_t mark = rest.find(kSpaceMark); mark != rest.npos;
           mark = rest.find(kSpaceMark)) {
        text.append(rest.substr(0, mark)).append(" ");
        rest.remove_prefix(mark + kSpaceMark.size());
      }
      text += rest;
    }
  }
  if (text.starts_with(' ')) text.erase(0, 1);
  return text::repair_utf8(text);
}

std::int64_t SentencePiece::vocab_size() const {
  return static_cast<std::int64_t>(vocabulary_.size());
}

bool SentencePiece::continues_word(TokenId id) const {
  const Piece& piece = model_.pieces.at(id);
  if (piece.type == PieceType::kControl || piece.type == PieceType::kUnknown) return false;
  return !piece.text.starts_with(kSpaceMark);
}

std::uint64_t SentencePiece::fingerprint() const {
  Hasher hasher;
  hasher.add("cram sentencepiece 1");
  hasher.add(file_);
  return hasher.value();
}

void SentencePiece::save(const std::filesystem::path& folder, const Use& use) const {
  write_file_atomic(folder / "tokenizer.model", file_);
  write_file_atomic(folder / "tokenizer.json", sentencepiece_json(*this, use.framing));
  write_file_atomic(folder / "tokenizer_config.json", sentencepiece_config(*this, use));
}

}  // namespace cram::tokenizer
