#include "cram/selection/quality.h"

#include <algorithm>
#include <array>

#include "cram/base/units.h"

#include "lines.h"

namespace cram::selection {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::array<std::string_view, 8> kStopWords = {"the", "be",   "to",   "of",
                                                        "and", "that", "have", "with"};
constexpr std::array<std::string_view, 5> kBullets = {"-", "*", "•", "‣", "●"};

// What the rules look at, of a whole document.
struct Counts {
  std::int64_t words = 0;
  std::int64_t words_with_letters = 0;
  std::int64_t characters = 0;  // of the words
  std::int64_t hashes = 0;
  std::int64_t ellipses = 0;
  std::int64_t lines = 0;
  std::int64_t bullet_lines = 0;
  std::int64_t ellipsis_lines = 0;
};

enum CharacterKind : unsigned { kSpace = 1, kLetter = 2, kContinuation = 4 };

// Letters beyond ASCII are not told from symbols there: both count as letters.
constexpr std::array<unsigned char, 256> make_kinds() {
  std::array<unsigned char, 256> kinds{};
  for (std::size_t c = 0; c < kinds.size(); ++c) {
    const bool ascii_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (ascii_letter || c >= 0x80) kinds[c] = kLetter;
    if (c >= 0x80 && c < 0xC0) kinds[c] |= kContinuation;
  }
  for (const char space : kWhiteSpace) kinds[static_cast<unsigned char>(space)] = kSpace;
  return kinds;
}
constexpr std::array<unsigned char, 256> kKinds = make_kinds();

void count_words(std::string_view text, Counts& counts) {
  unsigned seen = kSpace;  // kinds of the characters of the word so far
  const auto end_word = [&] {
    if (seen & kSpace) return;
    ++counts.words;
    if (seen & kLetter) ++counts.words_with_letters;
  };
  for (const char c : text) {
    const unsigned kind = kKinds[static_cast<unsigned char>(c)];
    if (kind & kSpace) {
      end_word();
      seen = kSpace;
      continue;
    }
    seen = (seen & ~kSpace) | kind;
    if (!(kind & kContinuation)) ++counts.characters;
  }
  end_word();
}

std::int64_t occurrences(std::string_view text, std::string_view what) {
  std::int64_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos;
       at = text.find(what, at + what.size())) {
    ++count;
  }
  return count;
}

void count_lines(std::string_view text, Counts& counts) {
  for_each_line(text, [&](std::string_view line) {
    if (line.empty()) return;
    ++counts.lines;
    const auto begins = [&](std::string_view bullet) { return line.starts_with(bullet); };
    if (std::any_of(kBullets.begin(), kBullets.end(), begins)) ++counts.bullet_lines;
    if (line.ends_with("...") || line.ends_with(kEllipsis)) ++counts.ellipsis_lines;
  });
}

Counts count(std::string_view text) {
  Counts counts;
  count_words(text, counts);
  count_lines(text, counts);
  counts.hashes = std::count(text.begin(), text.end(), '#');
  counts.ellipses = occurrences(text, "...") + occurrences(text, kEllipsis);
  return counts;
}

// Different stop words, up to `enough`.
std::int64_t count_stop_words(const Words& words, std::int64_t enough) {
  std::array<bool, kStopWords.size()> seen{};
  std::int64_t found = 0;
  for (std::size_t i = 0; i < words.size() && found < enough; ++i) {
    const auto place = std::find(kStopWords.begin(), kStopWords.end(), words[i]);
    if (place == kStopWords.end()) continue;
    bool& before = seen[static_cast<std::size_t>(place - kStopWords.begin())];
    if (!before) ++found;
    before = true;
  }
  return found;
}

double share(std::int64_t part, std::int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(std::max<std::int64_t>(whole, 1));
}

std::string two_decimals(double value) { return format_fixed(value, 2); }

// By their number and length.
std::optional<Drop> judge_words(const Counts& counts, const QualityLimits& limits) {
  if (counts.words < limits.min_words) {
    return Drop{"quality: too few words", format_count(counts.words)};
  }
  if (counts.words > limits.max_words) {
    return Drop{"quality: too many words", format_count(counts.words)};
  }
  const double length = share(counts.characters, counts.words);
  if (length < limits.min_mean_word_length || length > limits.max_mean_word_length) {
    return Drop{"quality: mean word length", two_decimals(length)};
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> Quality::names() const {
  return {"quality: too few words",         "quality: too many words",
          "quality: mean word length",      "quality: symbols",
          "quality: bullet lines",          "quality: ellipsis lines",
          "quality: words without letters", "quality: stop words"};
}

std::optional<Drop> Quality::judge(const Document& document) const {
  const Counts counts = count(document.text);
  if (auto drop = judge_words(counts, limits_)) return drop;
  const double symbols = share(std::max(counts.hashes, counts.ellipses), counts.words);
  if (symbols > limits_.max_symbols) return Drop{"quality: symbols", two_decimals(symbols)};
  const double bullets = share(counts.bullet_lines, counts.lines);
  if (bullets > limits_.max_bullet_lines) {
    return Drop{"quality: bullet lines", two_decimals(bullets)};
  }
  const double ellipses = share(counts.ellipsis_lines, counts.lines);
  if (ellipses > limits_.max_ellipsis_lines) {
    return Drop{"quality: ellipsis lines", two_decimals(ellipses)};
  }
  const double with_letters = share(counts.words_with_letters, counts.words);
  if (with_letters < limits_.min_words_with_letters) {
    return Drop{"quality: words without letters", two_decimals(1 - with_letters)};
  }
  const std::int64_t stop_words = count_stop_words(document.words, limits_.min_stop_words);
  if (stop_words < limits_.min_stop_words) {
    return Drop{"quality: stop words", format_count(stop_words)};
  }
  return std::nullopt;
}

}  // namespace cram::selection
