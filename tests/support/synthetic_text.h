// English-like text with something to learn: sentences from a small grammar, the same for each
// seed.
#pragma once

#include <array>
#include <string>

#include "cram/base/random.h"

namespace cram::test {

// `paragraphs` paragraphs separated by blank lines.
inline std::string synthetic_text(int paragraphs, std::uint64_t seed = 0) {
  static constexpr std::array kNouns = {"cat", "dog",  "farmer", "river", "teacher", "stone",
                                        "boy", "girl", "horse",  "ship",  "king",    "bird"};
  static constexpr std::array kVerbs = {"sees", "follows", "likes", "finds", "carries", "hears"};
  static constexpr std::array kAdjectives = {"old", "small", "quiet", "red", "young", "brave"};
  Random random(seed, RandomStream::kSample, 99);
  const auto pick = [&](const auto& words) {
    return std::string(words[random.below(static_cast<std::uint32_t>(words.size()))]);
  };
  std::string text;
  for (int paragraph = 0; paragraph < paragraphs; ++paragraph) {
    const std::uint32_t sentences = 3 + random.below(4);
    for (std::uint32_t i = 0; i < sentences; ++i) {
      text += "The " + pick(kAdjectives) + " " + pick(kNouns) + " " + pick(kVerbs) + " the " +
              pick(kAdjectives) + " " + pick(kNouns) + ". ";
    }
    text += "Number " + std::to_string(paragraph) + ".\n\n";
  }
  return text;
}

}  // namespace cram::test
