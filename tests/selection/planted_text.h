// Documents of words drawn at random, and near copies of them whose likeness is known.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "cram/base/random.h"
#include "cram/selection/words.h"

namespace cram::test {

// A stream of random numbers for texts, of no other use in the tests.
inline Random text_random(std::uint64_t seed) { return {seed, RandomStream::kSample, 4711}; }

inline std::string random_word(Random& random) {
  std::string word;
  for (std::uint32_t length = 2 + random.below(8); length > 0; --length) {
    word += static_cast<char>('a' + random.below(26));
  }
  return word;
}

inline std::vector<std::string> random_words(std::size_t count, Random& random) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < count; ++i) words.push_back(random_word(random));
  return words;
}

inline std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

inline std::vector<std::string> split(const std::string& text) {
  const selection::Words words(text);
  std::vector<std::string> result;
  for (std::size_t i = 0; i < words.size(); ++i) result.emplace_back(words[i]);
  return result;
}

// The text with so many of its words, drawn at random, replaced by others.
inline std::string with_changes(const std::string& text, std::size_t changes, Random& random) {
  std::vector<std::string> words = split(text);
  for (; changes > 0; --changes) {
    words[random.below(static_cast<std::uint32_t>(words.size()))] = random_word(random);
  }
  return join(words);
}

// Of the sets of their 5-grams, which are compared as text: an oracle without hashes.
inline double jaccard(const std::string& a, const std::string& b) {
  const auto shingles = [](const std::string& text) {
    const selection::Words words(text);
    std::set<std::string> set;
    for (std::size_t i = 0; i + 5 <= words.size(); ++i) set.emplace(words.range(i, 5));
    return set;
  };
  const std::set<std::string> left = shingles(a);
  const std::set<std::string> right = shingles(b);
  const auto both = std::count_if(left.begin(), left.end(),
                                  [&](const std::string& one) { return right.contains(one); });
  const auto all = static_cast<double>(left.size() + right.size()) - static_cast<double>(both);
  return static_cast<double>(both) / all;
}

}  // namespace cram::test
