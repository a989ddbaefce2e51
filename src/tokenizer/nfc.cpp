#include "nfc.h"

#include <algorithm>

#include <utf8proc.h>

#include "character.h"
#include "utf8.h"

namespace cram::tokenizer {
namespace {

// No character beyond has a decomposition or a combining class.
constexpr char32_t kFirstWithForms = 0xC0;
constexpr char32_t kEndWithForms = 0x30000;

// Hangul syllables are composed by arithmetic.
constexpr char32_t kSyllables = 0xAC00, kLeads = 0x1100, kVowels = 0x1161, kTails = 0x11A7;
constexpr char32_t kLeadCount = 19, kVowelCount = 21, kTailCount = 28;
constexpr char32_t kSyllableCount = kLeadCount * kVowelCount * kTailCount;

bool is_within(char32_t code, char32_t first, char32_t count) { return code - first < count; }

char32_t hangul_composite(char32_t first, char32_t second) {
  if (is_within(first, kLeads, kLeadCount) && is_within(second, kVowels, kVowelCount)) {
    return kSyllables + ((first - kLeads) * kVowelCount + (second - kVowels)) * kTailCount;
  }
  const bool has_no_tail =
      is_within(first, kSyllables, kSyllableCount) && (first - kSyllables) % kTailCount == 0;
  if (has_no_tail && is_within(second, kTails + 1, kTailCount - 1)) {
    return first + (second - kTails);
  }
  return 0;
}

std::uint64_t key_of(char32_t first, char32_t second) {
  return std::uint64_t{first} << 32 | std::uint64_t{second};
}

bool is_excluded(char32_t code) {
  return utf8proc_get_property(static_cast<utf8proc_int32_t>(code))->comp_exclusion;
}

std::u32string decomposition(char32_t code) {
  std::u32string parts;
  append_decomposed(code, parts);
  return parts;
}

}  // namespace

Nfc::Nfc() : inert_(kEndWithForms, true) {
  // The shorter first, for a composite may be the beginning of a longer one; among equals the one
  // with the lowest code, for the others are only written as it.
  std::vector<std::pair<std::u32string, char32_t>> candidates;
  for (char32_t code = kFirstWithForms; code < kEndWithForms; ++code) {
    if (is_within(code, kSyllables, kSyllableCount) || is_excluded(code)) continue;
    std::u32string parts = decomposition(code);
    if (parts.size() > 1 && combining_class(parts[0]) == 0) {
      candidates.emplace_back(std::move(parts), code);
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.first.size() < b.first.size(); });
  for (const auto& [parts, code] : candidates) add_composite(code, parts);
  find_inert();
}

void Nfc::add_composite(char32_t code, std::u32string_view decomposed) {
  const std::u32string beginning = composed(decomposed.substr(0, decomposed.size() - 1));
  if (beginning.size() != 1) return;
  composites_.emplace(key_of(beginning[0], decomposed.back()), code);
}

void Nfc::find_inert() {
  for (char32_t code = kFirstWithForms; code < kEndWithForms; ++code) {
    const std::u32string parts = decomposition(code);
    const bool changes = parts != std::u32string{code} && composed(parts) != std::u32string{code};
    inert_[code] = !changes && combining_class(code) == 0;
  }
  for (const auto& [pair, code] : composites_) inert_[static_cast<char32_t>(pair)] = false;
  for (char32_t i = 0; i < kVowelCount; ++i) inert_[kVowels + i] = false;
  for (char32_t i = 1; i < kTailCount; ++i) inert_[kTails + i] = false;
}

char32_t Nfc::composite(char32_t first, char32_t second) const {
  if (const char32_t syllable = hangul_composite(first, second); syllable != 0) return syllable;
  const auto found = composites_.find(key_of(first, second));
  return found == composites_.end() ? 0 : found->second;
}

std::u32string Nfc::composed(std::u32string_view decomposed) const {
  std::u32string result;
  std::size_t starter = std::u32string::npos;
  int last_class = 0;  // of the last character after the starter
  for (const char32_t code : decomposed) {
    const int own_class = combining_class(code);
    const bool is_next = starter != result.npos && starter + 1 == result.size();
    if (is_next || (starter != result.npos && last_class < own_class)) {
      if (const char32_t both = composite(result[starter], code); both != 0) {
        result[starter] = both;
        continue;
      }
    }
    if (own_class == 0) starter = result.size();
    last_class = own_class;
    result.push_back(code);
  }
  return result;
}

std::string_view Nfc::normalize(std::string_view text, std::string& buffer) const {
  bool stays = true;
  for (std::size_t at = 0; at < text.size() && stays;) {
    const Utf8Char character = decode_utf8(text.substr(at));
    stays = is_inert(character.code);
    at += character.length;
  }
  if (stays) return text;
  std::u32string codes;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char character = decode_utf8(text.substr(at));
    codes.push_back(character.code);
    at += character.length;
  }
  buffer.clear();
  for (const char32_t code : composed(canonical_decomposition(codes))) append_utf8(code, buffer);
  return buffer;
}

}  // namespace cram::tokenizer
