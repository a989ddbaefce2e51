#include "cram/tokenizer/tokenizer.h"

namespace cram::tokenizer {

std::vector<TokenId> Tokenizer::encode(std::string_view text) const {
  std::vector<TokenId> ids;
  encode(text, ids);
  return ids;
}

PlacedIds Tokenizer::encode_words(std::string_view text) const {
  PlacedIds placed;
  for (const ByteRange& word : split_words(text)) {
    encode(text.substr(word.begin, word.end - word.begin), placed.ids);
    placed.places.resize(placed.ids.size(), word);
  }
  return placed;
}

bool Tokenizer::is_special(TokenId id) const {
  const SpecialTokens& special = special_tokens();
  return id == special.pad || id == special.unk || id == special.cls || id == special.sep ||
         id == special.mask;
}

}  // namespace cram::tokenizer
