// What a SentencePiece .model file says: a ModelProto, read and checked before the library sees it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cram::tokenizer {

// The numbers are those of the file format.
enum class PieceType {
  kNormal = 1,
  kUnknown = 2,
  kControl = 3,
  kUserDefined = 4,
  kUnused = 5,
  kByte = 6
};
enum class PieceModel { kUnigram = 1, kBpe = 2 };

struct Piece {
  std::string text;
  float score = 0;
  PieceType type = PieceType::kNormal;
};

struct SentencePieceModel {
  std::vector<Piece> pieces;
  PieceModel model = PieceModel::kUnigram;
  bool byte_fallback = false;
  std::string charsmap;  // compiled normalisation rules
  bool add_dummy_prefix = true;
  bool remove_extra_whitespaces = true;
};

// Throws Error{kData}, with `name` in it, when the file is damaged, could lead the library astray
// or is of a kind that is not supported.
[[nodiscard]] SentencePieceModel parse_sentencepiece_model(std::string_view file,
                                                           const std::string& name);

// The same file with the pieces of these ids made control symbols, which no text can produce.
[[nodiscard]] std::string with_control_symbols(std::string_view file,
                                               const std::vector<std::size_t>& ids,
                                               const std::string& name);

}  // namespace cram::tokenizer
