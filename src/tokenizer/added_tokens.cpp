#include "added_tokens.h"

#include <algorithm>
#include <set>

#include "character.h"
#include "utf8.h"

namespace cram::tokenizer {
namespace {

// The first of those with the same content.
std::vector<AddedToken> without_repeats(std::vector<AddedToken> tokens) {
  std::set<std::string> seen;
  std::erase_if(tokens,
                [&](const AddedToken& token) { return !seen.insert(token.content).second; });
  return tokens;
}

DoubleArray trie_of(const std::vector<AddedToken>& tokens) {
  std::vector<DoubleArray::Entry> entries;
  for (std::uint32_t i = 0; i < tokens.size(); ++i) entries.emplace_back(tokens[i].content, i);
  return {std::move(entries), {}};
}

// The last character of a text that is not empty.
Utf8Char last_character(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && text.size() - at < 4 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) {
    --at;
  }
  const Utf8Char character = decode_utf8(text.substr(at));
  if (at + character.length == text.size()) return character;
  return {kReplacementCharacter, 1};
}

bool is_in_word(char32_t code) {
  return is_letter(code) || is_number(code) || is_nonspacing(code) || code == U'_';
}

bool is_apart(std::string_view text, std::size_t begin, std::size_t end) {
  if (begin > 0 && is_in_word(last_character(text.substr(0, begin)).code)) return false;
  return end == text.size() || !is_in_word(decode_utf8(text.substr(end)).code);
}

}  // namespace

AddedTokenFinder::AddedTokenFinder(std::vector<AddedToken> tokens)
    : tokens_(without_repeats(std::move(tokens))),
      trie_(trie_of(tokens_)),
      has_none_(std::all_of(tokens_.begin(), tokens_.end(),
                            [](const AddedToken& token) { return token.special; })) {
  for (const AddedToken& token : tokens_) {
    begins_[static_cast<unsigned char>(token.content.front())] = true;
  }
}

AddedTokenFinder::Found AddedTokenFinder::find(std::string_view text, std::size_t at,
                                               std::size_t taken) const {
  while (at < text.size() && !begins_[static_cast<unsigned char>(text[at])]) ++at;
  if (at == text.size()) return {at, at, at, nullptr};
  const auto match = trie_.longest_match(DoubleArray::Root::kBeginning, text.substr(at));
  if (match.length == 0) return {at, at, at + 1, nullptr};
  const AddedToken& token = tokens_[match.value];
  const Found found{at, at + match.length, at + match.length, &token};
  if (token.special || (token.single_word && !is_apart(text, found.begin, found.end))) {
    return {found.begin, found.end, found.next, nullptr};
  }
  return with_spaces(found, text, taken);
}

AddedTokenFinder::Found AddedTokenFinder::with_spaces(Found found, std::string_view text,
                                                      std::size_t taken) {
  while (found.token->lstrip && found.begin > taken) {
    const Utf8Char before = last_character(text.substr(0, found.begin));
    if (!is_white_space(before.code)) break;
    found.begin -= before.length;
  }
  while (found.token->rstrip && found.end < text.size()) {
    const Utf8Char after = decode_utf8(text.substr(found.end));
    if (!is_white_space(after.code)) break;
    found.end += after.length;
  }
  return found;
}

}  // namespace cram::tokenizer
