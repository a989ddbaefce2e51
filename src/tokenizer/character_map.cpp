#include "character_map.h"

#include <algorithm>
#include <map>
#include <string>

#include "cram/base/hash.h"

#include "character.h"
#include "utf8.h"

namespace cram::tokenizer {
namespace {

using Page = std::vector<MappedCharacter>;

MappedCharacter with_bytes(CharacterFate fate, char32_t code, std::u32string_view result) {
  MappedCharacter mapped{.fate = fate};
  if (result.size() == 1 && result[0] == code) return mapped;
  std::string bytes;
  for (const char32_t part : result) append_utf8(part, bytes);
  if (bytes.size() > MappedCharacter::kMaxBytes) return {.fate = CharacterFate::kContext};
  std::copy(bytes.begin(), bytes.end(), mapped.bytes.begin());
  mapped.size = static_cast<std::uint8_t>(bytes.size());
  return mapped;
}

MappedCharacter map_character(char32_t code, const BertNormalization& options) {
  std::u32string result = normalize({&code, 1}, options);
  if (result.empty()) return {.fate = CharacterFate::kDropped};
  const bool has_space = std::any_of(result.begin(), result.end(), is_white_space);
  std::erase_if(result, is_white_space);
  if (result.empty()) return {.fate = CharacterFate::kSpace};
  const bool reordered =
      options.strip_accents && std::any_of(result.begin(), result.end(), combining_class);
  const bool has_punctuation = std::any_of(result.begin(), result.end(), is_punctuation);
  if (reordered) return {.fate = CharacterFate::kContext};
  if (!has_space && !has_punctuation) return with_bytes(CharacterFate::kWord, code, result);
  if (result.size() == 1) return with_bytes(CharacterFate::kIsolated, code, result);
  return {.fate = CharacterFate::kContext};
}

Page map_page(char32_t first, std::uint32_t size, const BertNormalization& options) {
  if (are_alike(first, first + size - 1)) return Page(size, map_character(first, options));
  Page page(size);
  for (char32_t i = 0; i < size; ++i) page[i] = map_character(first + i, options);
  return page;
}

std::uint64_t hash_page(const Page& page) {
  return hash64(page.data(), page.size() * sizeof(MappedCharacter));
}

}  // namespace

CharacterMap::CharacterMap(const BertNormalization& options) {
  static_assert(sizeof(MappedCharacter) == 16 && alignof(MappedCharacter) == 1);
  std::multimap<std::uint64_t, std::uint32_t> starts_by_hash;
  for (char32_t first = 0; first < kCodePoints; first += kPageSize) {
    const Page page = map_page(first, kPageSize, options);
    const std::uint64_t hash = hash_page(page);
    const auto [begin, end] = starts_by_hash.equal_range(hash);
    const auto same = std::find_if(begin, end, [&](const auto& entry) {
      return std::equal(page.begin(), page.end(), characters_.begin() + entry.second);
    });
    if (same != end) {
      page_starts_.push_back(same->second);
      continue;
    }
    const auto start = static_cast<std::uint32_t>(characters_.size());
    starts_by_hash.emplace(hash, start);
    page_starts_.push_back(start);
    characters_.insert(characters_.end(), page.begin(), page.end());
  }
}

}  // namespace cram::tokenizer
