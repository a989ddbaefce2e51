#include "cram/selection/repetition.h"

#include <algorithm>
#include <array>
#include <bit>

#include "cram/base/hash.h"
#include "cram/base/units.h"

#include "hash_counts.h"
#include "lines.h"

namespace cram::selection {
namespace {

// Pieces of a text, those of them that stood before, and the bytes of both.
struct Repeats {
  std::size_t pieces = 0, repeated = 0;
  std::size_t bytes = 0, repeated_bytes = 0;

  void add(std::string_view piece, HashCounts& counts) {
    const bool again = counts.add(hash64(piece)) > 1;
    pieces += 1;
    bytes += piece.size();
    repeated += again ? 1 : 0;
    repeated_bytes += again ? piece.size() : 0;
  }
};

double share(std::size_t part, std::size_t whole) {
  return static_cast<double>(part) / static_cast<double>(std::max<std::size_t>(whole, 1));
}

Repeats repeats_of(const std::vector<std::string_view>& pieces) {
  Repeats repeats;
  HashCounts counts(pieces.size());
  for (const std::string_view piece : pieces) repeats.add(piece, counts);
  return repeats;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for_each_line(text, [&](std::string_view line) {
    if (!line.empty()) lines.push_back(line);
  });
  return lines;
}

std::vector<std::string_view> paragraphs_of(std::string_view text) {
  std::vector<std::string_view> paragraphs;
  const char* first = nullptr;
  const char* last = nullptr;
  const auto end_paragraph = [&] {
    if (first != nullptr) paragraphs.emplace_back(first, static_cast<std::size_t>(last - first));
    first = nullptr;
  };
  for_each_line(text, [&](std::string_view line) {
    if (line.empty()) return end_paragraph();
    if (first == nullptr) first = line.data();
    last = line.data() + line.size();
  });
  end_paragraph();
  return paragraphs;
}

std::optional<Drop> judge(const Repeats& repeats, double most, double most_bytes,
                          const std::string& rule) {
  const double pieces = share(repeats.repeated, repeats.pieces);
  const double bytes = share(repeats.repeated_bytes, repeats.bytes);
  if (pieces <= most && bytes <= most_bytes) return std::nullopt;
  return Drop{
      rule, format_fixed(pieces, 2) + " of them, " + format_fixed(bytes, 2) + " of the characters"};
}

// At least as many bytes as all of one n-gram take, of `least` to `most` words. None stands more
// often than those it begins with, and these no more often than all that have a part of their hash
// in common.
std::size_t bound_bytes_of_one(const Words& words, std::size_t least, std::size_t most) {
  constexpr std::size_t kParts = 4096;
  std::array<std::uint32_t, kParts> counts{};
  const std::vector<std::uint64_t> hashes = words.hashes(NgramLength(least));
  for (const std::uint64_t hash : hashes) ++counts[hash % kParts];
  std::size_t bound = 0;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const std::size_t bytes = words.bytes(i, std::min(most, words.size() - i));
    bound = std::max(bound, counts[hashes[i] % kParts] * bytes);
  }
  return bound;
}

// The n-gram that stands most often, the first of several.
struct Frequent {
  std::size_t first = 0;
  std::uint32_t count = 0;
};

Frequent most_frequent(const Words& words, std::size_t count, HashCounts& counts) {
  const NgramLength length(count);
  Frequent found;
  counts.clear();
  for (std::size_t i = 0; i + count <= words.size(); ++i) {
    const std::uint32_t times = counts.add(words.hash(i, length));
    if (times > found.count) found = {.first = i, .count = times};
  }
  return found;
}

template <std::size_t size>
double least(const std::array<double, size>& limits) {
  return *std::min_element(limits.begin(), limits.end());
}

std::size_t longest_word(const Words& words) {
  std::size_t longest = 0;
  for (std::size_t i = 0; i < words.size(); ++i) longest = std::max(longest, words.bytes(i, 1));
  return longest;
}

// Bytes of the words in n-grams that stood before.
std::size_t repeated_bytes(const Words& words, std::size_t count, HashCounts& counts) {
  const NgramLength length(count);
  std::size_t bytes = 0;
  std::size_t covered = 0;  // the word after the last repeated one
  counts.clear();
  for (std::size_t i = 0; i + count <= words.size(); ++i) {
    if (counts.add(words.hash(i, length)) == 1) continue;
    const std::size_t from = std::max(i, covered);
    covered = i + count;
    bytes += words.bytes(from, covered - from);
  }
  return bytes;
}

// At least as many: of n-grams with a part of their hash in common, all but the first count as
// repeated.
std::size_t bound_repeated_bytes(const Words& words, std::size_t count) {
  constexpr std::size_t kBitsOfWord = 64;  // half that many n-grams, or fewer, share by chance
  std::vector<std::uint64_t> seen(std::bit_ceil(words.size() * kBitsOfWord / 64));
  const std::vector<std::uint64_t> hashes = words.hashes(NgramLength(count));
  std::size_t bytes = 0;
  std::size_t covered = 0;  // the word after the last repeated one
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    std::uint64_t& bits = seen[(hashes[i] >> 6) & (seen.size() - 1)];
    const std::uint64_t bit = std::uint64_t{1} << (hashes[i] & 63);
    const bool again = (bits & bit) != 0;
    bits |= bit;
    if (!again) continue;
    const std::size_t from = std::max(i, covered);
    covered = i + count;
    bytes += words.bytes(from, covered - from);
  }
  return bytes;
}

constexpr std::size_t kShortestFrequent = 2;
constexpr std::size_t kShortestDuplicate = 5;

}  // namespace

std::vector<std::string> Repetition::names() const {
  return {"repetition: lines", "repetition: paragraphs", "repetition: frequent n-gram",
          "repetition: duplicate n-grams"};
}

std::optional<Drop> Repetition::judge(const Document& document) const {
  if (auto drop = judge_lines(document.text)) return drop;
  if (auto drop = judge_paragraphs(document.text)) return drop;
  if (auto drop = judge_frequent(document.words)) return drop;
  return judge_duplicate(document.words);
}

std::optional<Drop> Repetition::judge_lines(std::string_view text) const {
  return selection::judge(repeats_of(lines_of(text)), limits_.duplicate_lines,
                          limits_.characters_in_duplicate_lines, "repetition: lines");
}

std::optional<Drop> Repetition::judge_paragraphs(std::string_view text) const {
  return selection::judge(repeats_of(paragraphs_of(text)), limits_.duplicate_paragraphs,
                          limits_.characters_in_duplicate_paragraphs, "repetition: paragraphs");
}

std::optional<Drop> Repetition::judge_frequent(const Words& words) const {
  if (words.size() < kShortestFrequent) return std::nullopt;
  const std::size_t all = words.bytes(0, words.size());
  const std::size_t most_words = kShortestFrequent + limits_.most_frequent_ngram.size() - 1;
  const double strictest = least(limits_.most_frequent_ngram);
  if (share(bound_bytes_of_one(words, kShortestFrequent, most_words), all) <= strictest) {
    return std::nullopt;
  }
  const std::size_t longest_ngram = most_words * longest_word(words);
  HashCounts counts(words.size());
  for (std::size_t i = 0; i < limits_.most_frequent_ngram.size(); ++i) {
    const std::size_t length = kShortestFrequent + i;
    const Frequent found = most_frequent(words, length, counts);
    if (found.count < 2) break;  // Longer ones stand no more often.
    const double part = share(found.count * words.bytes(found.first, length), all);
    if (part > limits_.most_frequent_ngram[i]) {
      return Drop{
          "repetition: frequent n-gram",
          format_fixed(part, 2) + " is \"" + std::string(words.range(found.first, length)) + "\""};
    }
    // Nor can they fill more than this.
    if (share(found.count * longest_ngram, all) <= strictest) break;
  }
  return std::nullopt;
}

std::optional<Drop> Repetition::judge_duplicate(const Words& words) const {
  if (words.size() < kShortestDuplicate) return std::nullopt;
  const std::size_t all = words.bytes(0, words.size());
  if (share(bound_repeated_bytes(words, kShortestDuplicate), all) <=
      least(limits_.duplicate_ngrams)) {
    return std::nullopt;
  }
  HashCounts counts(words.size());
  for (std::size_t i = 0; i < limits_.duplicate_ngrams.size(); ++i) {
    const std::size_t length = kShortestDuplicate + i;
    const double part = share(repeated_bytes(words, length, counts), all);
    if (part > limits_.duplicate_ngrams[i]) {
      return Drop{"repetition: duplicate n-grams", format_fixed(part, 2) + " are n-grams of " +
                                                       std::to_string(length) +
                                                       " words that stood before"};
    }
    // What longer ones repeat, these repeat as well.
    if (part <= limits_.duplicate_ngrams.back()) break;
  }
  return std::nullopt;
}

}  // namespace cram::selection
