// What becomes of each code point under one normalisation, as a table: the fast form of
// normalize() followed by BERT's pre-tokenizer.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "normalization.h"

namespace cram::tokenizer {

enum class CharacterFate : std::uint8_t {
  kWord,      // part of a word
  kDropped,   // leaves nothing behind
  kSpace,     // ends a word
  kIsolated,  // a word of its own
  kContext,   // depends on its neighbours: normalize() has to decide
};

struct MappedCharacter {
  static constexpr std::size_t kMaxBytes = 14;
  std::array<char, kMaxBytes> bytes{};  // UTF-8, for kWord and kIsolated
  std::uint8_t size = 0;                // 0: the character stays as it is
  CharacterFate fate = CharacterFate::kWord;

  friend bool operator==(const MappedCharacter&, const MappedCharacter&) = default;
};

class CharacterMap {
 public:
  explicit CharacterMap(const BertNormalization& options);

  [[nodiscard]] const MappedCharacter& operator[](char32_t code) const {
    return characters_[page_starts_[code >> kPageBits] + (code & (kPageSize - 1))];
  }

 private:
  static constexpr unsigned kPageBits = 8;
  static constexpr std::uint32_t kPageSize = 1U << kPageBits;

  std::vector<std::uint32_t> page_starts_;  // equal pages are stored once
  std::vector<MappedCharacter> characters_;
};

}  // namespace cram::tokenizer
