#include "sentencepiece_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "cram/base/error.h"

#include "charsmap.h"
#include "proto.h"
#include "vocabulary.h"

namespace cram::tokenizer {
namespace {

using Wire = ProtoField::Wire;

// Field numbers of ModelProto and of the messages in it.
constexpr std::uint32_t kPieces = 1, kTrainerSpec = 2, kNormalizerSpec = 3, kDenormalizerSpec = 5;
constexpr std::uint32_t kPieceText = 1, kPieceScore = 2, kPieceType = 3;
constexpr std::uint32_t kModelType = 3, kWhitespaceAsSuffix = 24, kByteFallback = 35;
constexpr std::uint32_t kCharsmap = 2, kDummyPrefix = 3, kExtraWhitespaces = 4, kEscape = 5;

[[noreturn]] void throw_unsupported(const std::string& name, const std::string& what) {
  throw Error(ErrorCode::kData, name + ": unsupported SentencePiece model: " + what,
              "cram uses unigram and BPE models with whitespace before words");
}

bool is_field(const ProtoField& field, std::uint32_t number, Wire wire) {
  return field.number == number && field.wire == wire;
}

Piece parse_piece(std::string_view message, const std::string& name) {
  Piece piece;
  ProtoReader reader(message, name);
  while (const auto field = reader.next()) {
    if (is_field(*field, kPieceText, Wire::kBytes)) piece.text = field->bytes;
    if (is_field(*field, kPieceScore, Wire::kFixed32)) {
      piece.score = std::bit_cast<float>(static_cast<std::uint32_t>(field->value));
    }
    if (is_field(*field, kPieceType, Wire::kVarint)) {
      if (field->value < 1 || field->value > 6) throw_unsupported(name, "unknown type of a piece");
      piece.type = static_cast<PieceType>(field->value);
    }
  }
  if (!std::isfinite(piece.score)) {
    throw Error(ErrorCode::kData,
                name + ": the score of '" + piece.text + "' is not a finite number");
  }
  if (piece.text.find('\0') != std::string::npos) {
    throw Error(ErrorCode::kData, name + ": a piece contains the character NUL");
  }
  return piece;
}

void parse_trainer_spec(std::string_view message, SentencePieceModel& model,
                        const std::string& name) {
  ProtoReader reader(message, name);
  while (const auto field = reader.next()) {
    if (is_field(*field, kModelType, Wire::kVarint)) {
      if (field->value != 1 && field->value != 2) {
        throw_unsupported(name, "model type " + std::to_string(field->value));
      }
      model.model = static_cast<PieceModel>(field->value);
    }
    if (is_field(*field, kByteFallback, Wire::kVarint)) model.byte_fallback = field->value != 0;
    if (is_field(*field, kWhitespaceAsSuffix, Wire::kVarint) && field->value != 0) {
      throw_unsupported(name, "treat_whitespace_as_suffix");
    }
  }
}

void parse_normalizer_spec(std::string_view message, SentencePieceModel& model,
                           const std::string& name) {
  ProtoReader reader(message, name);
  while (const auto field = reader.next()) {
    if (is_field(*field, kCharsmap, Wire::kBytes)) model.charsmap = field->bytes;
    if (is_field(*field, kDummyPrefix, Wire::kVarint)) model.add_dummy_prefix = field->value != 0;
    if (is_field(*field, kExtraWhitespaces, Wire::kVarint)) {
      model.remove_extra_whitespaces = field->value != 0;
    }
    if (is_field(*field, kEscape, Wire::kVarint) && field->value == 0) {
      throw_unsupported(name, "escape_whitespaces is off");
    }
  }
  check_charsmap(model.charsmap, name);
}

}  // namespace

SentencePieceModel parse_sentencepiece_model(std::string_view file, const std::string& name) {
  SentencePieceModel model;
  ProtoReader reader(file, name);
  while (const auto field = reader.next()) {
    if (field->wire != Wire::kBytes) continue;
    switch (field->number) {
      case kPieces:
        model.pieces.push_back(parse_piece(field->bytes, name));
        break;
      case kTrainerSpec:
        parse_trainer_spec(field->bytes, model, name);
        break;
      case kNormalizerSpec:
        parse_normalizer_spec(field->bytes, model, name);
        break;
      case kDenormalizerSpec: {
        SentencePieceModel unused;
        parse_normalizer_spec(field->bytes, unused, name);
        break;
      }
      default:
        break;
    }
    if (model.pieces.size() > kMaxVocabulary) throw_unsupported(name, "too many pieces");
  }
  return model;
}

std::string with_control_symbols(std::string_view file, const std::vector<std::size_t>& ids,
                                 const std::string& name) {
  std::string result;
  std::size_t id = 0;
  ProtoReader reader(file, name);
  while (const auto field = reader.next()) {
    const bool is_piece = is_field(*field, kPieces, Wire::kBytes);
    if (!is_piece || std::find(ids.begin(), ids.end(), id++) == ids.end()) {
      result += field->whole;
      continue;
    }
    const Piece piece = parse_piece(field->bytes, name);
    std::string message;
    append_bytes_field(kPieceText, piece.text, message);
    append_float_field(kPieceScore, piece.score, message);
    append_varint_field(kPieceType, static_cast<std::uint64_t>(PieceType::kControl), message);
    append_bytes_field(kPieces, message, result);
  }
  return result;
}

}  // namespace cram::tokenizer
