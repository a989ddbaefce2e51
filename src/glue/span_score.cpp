#include <algorithm>
#include <cstddef>
#include <string_view>

#include <utf8proc.h>

#include "cram/glue/metrics.h"

namespace cram::glue {
namespace {

using Words = std::vector<std::u32string>;

bool is_ascii_punctuation(char32_t c) {
  return c < 0x80 && ((c >= U'!' && c <= U'/') || (c >= U':' && c <= U'@') ||
                      (c >= U'[' && c <= U'`') || (c >= U'{' && c <= U'~'));
}

// Letters and numbers: what Python's \w means, but for the underscore.
bool is_word_character(char32_t c) {
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
         (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

bool is_white_space(char32_t c) {
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F) || c == 0x85 ||
         (category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_ZP);
}

// In lower case and without ASCII punctuation. Bytes that are not UTF-8 stand for themselves.
std::u32string simplified(std::string_view text) {
  std::u32string characters;
  while (!text.empty()) {
    utf8proc_int32_t code = 0;
    const utf8proc_ssize_t size =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                         static_cast<utf8proc_ssize_t>(text.size()), &code);
    if (size <= 0) code = static_cast<unsigned char>(text[0]);
    text.remove_prefix(size <= 0 ? 1 : static_cast<std::size_t>(size));
    const auto lower = static_cast<char32_t>(utf8proc_tolower(code));
    if (!is_ascii_punctuation(lower)) characters += lower;
  }
  return characters;
}

// With a blank for each article.
std::u32string without_articles(std::u32string_view text) {
  std::u32string rest;
  while (!text.empty()) {
    const auto end = std::ranges::find_if_not(text, is_word_character);
    const std::u32string_view word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    const bool is_article = word == U"a" || word == U"an" || word == U"the";
    rest += is_article ? U" " : word;
    text.remove_prefix(word.size());
    if (text.empty()) break;
    rest += text.front();
    text.remove_prefix(1);
  }
  return rest;
}

Words split(const std::u32string& text) {
  Words words;
  bool inside = false;
  for (const char32_t c : text) {
    if (is_white_space(c)) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    words.back() += c;
    inside = true;
  }
  return words;
}

Words normalized(std::string_view text) { return split(without_articles(simplified(text))); }

double word_f1(Words predicted, Words truth) {
  if (predicted.empty() || truth.empty()) return predicted.empty() && truth.empty() ? 1 : 0;
  std::ranges::sort(predicted);
  std::ranges::sort(truth);
  Words common;
  std::ranges::set_intersection(predicted, truth, std::back_inserter(common));
  return 2 * static_cast<double>(common.size()) /
         static_cast<double>(predicted.size() + truth.size());
}

}  // namespace

SpanScore span_score(const std::string& predicted, const std::vector<Answer>& answers) {
  const Words ours = normalized(predicted);
  std::vector<Words> accepted;
  for (const Answer& answer : answers) {
    Words words = normalized(answer.text);
    if (!words.empty()) accepted.push_back(std::move(words));
  }
  if (accepted.empty()) accepted.emplace_back();
  SpanScore best;
  for (const Words& words : accepted) {
    best.exact_match = std::max(best.exact_match, ours == words ? 1.0 : 0.0);
    best.f1 = std::max(best.f1, word_f1(ours, words));
  }
  return best;
}

}  // namespace cram::glue
