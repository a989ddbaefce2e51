#include "cram/selection/quality.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "cram/base/units.h"
#include "cram/text/eight_bytes.h"

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

// Of 64 bytes a bit each, of the first the lowest. Letters beyond ASCII are not told from symbols
// there: both count as letters.
struct Kinds {
  std::uint64_t spaces = 0;
  std::uint64_t letters = 0;
  std::uint64_t continuations = 0;
};

// The highest bit of each byte, in a row.
std::uint64_t gather_high_bits(std::uint64_t bytes) {
  return ((bytes >> 7 & 0x0101010101010101) * 0x0102040810204080) >> 56;
}

Kinds kinds_of(std::string_view text, std::size_t at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = 0x80 * kOnes;
  // In the high bit of each byte, for bytes below 0x80: whether it is in the range.
  const auto in_range = [](std::uint64_t bytes, std::uint64_t first, std::uint64_t last) {
    return (bytes + (0x80 - first) * kOnes) & ~(bytes + (0x7F - last) * kOnes);
  };
  Kinds kinds;
  for (unsigned i = 0; i < 64; i += 8) {
    const std::uint64_t bytes =
        at + i < text.size() ? text::load_eight(text.data() + at + i, text.data() + text.size())
                             : 0;
    const std::uint64_t low = bytes & ~kHighBits;
    const std::uint64_t spaces = (in_range(low, '\t', '\r') | in_range(low, ' ', ' ')) & ~bytes;
    const std::uint64_t letters = in_range(low | 0x20 * kOnes, 'a', 'z') | bytes;
    kinds.spaces |= gather_high_bits(spaces) << i;
    kinds.letters |= gather_high_bits(letters) << i;
    kinds.continuations |= gather_high_bits(bytes & ~(bytes << 1)) << i;
  }
  if (text.size() - at < 64) kinds.spaces |= ~std::uint64_t{0} << (text.size() - at);
  return kinds;
}

// One after the other: what runs over the end of a block is carried into the next.
void count_words(std::string_view text, Counts& counts) {
  std::uint64_t in_word = 0;
  std::uint64_t with_letter = 0;
  for (std::size_t at = 0; at <= text.size(); at += 64) {  // the last block ends with spaces
    const Kinds kinds = kinds_of(text, at);
    const std::uint64_t others = ~kinds.spaces;
    counts.words += std::popcount((others << 1 | in_word) & kinds.spaces);
    in_word = others >> 63;
    counts.characters += std::popcount(others & ~kinds.continuations);
    // A word is a row of ones: whatever is added to it within makes it overflow into the space
    // behind it.
    std::uint64_t sum = 0;
    const bool carry = __builtin_add_overflow(others, kinds.letters, &sum);
    with_letter = (__builtin_add_overflow(sum, with_letter, &sum) || carry) ? 1 : 0;
    counts.words_with_letters += std::popcount(sum & kinds.spaces);
  }
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
