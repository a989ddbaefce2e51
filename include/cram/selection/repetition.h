// Drops documents that say the same again and again, by the rules and thresholds of MassiveText
// (Rae et al. 2021, arXiv 2112.11446, appendix A.1.1, "Repetition removal", table A1).
#pragma once

#include <array>

#include "cram/selection/rule.h"

namespace cram::selection {

// Lines and paragraphs (between blank lines) are compared without the white space around them; the
// first of equal ones is no duplicate. Characters are bytes, and of n-grams those of the words as
// words.h has them. An n-gram that stands once is no frequent one.
struct RepetitionLimits {
  double duplicate_lines = 0.30;  // as a share of all
  double duplicate_paragraphs = 0.30;
  double characters_in_duplicate_lines = 0.20;
  double characters_in_duplicate_paragraphs = 0.20;
  std::array<double, 3> most_frequent_ngram = {0.20, 0.18, 0.16};  // characters; of 2, 3, 4 words
  // Characters in n-grams that stood before, each counted once; of 5 to 10 words.
  std::array<double, 6> duplicate_ngrams = {0.15, 0.14, 0.13, 0.12, 0.11, 0.10};
};

class Repetition final : public ContentRule {
 public:
  explicit Repetition(const RepetitionLimits& limits) : limits_(limits) {}

  [[nodiscard]] std::vector<std::string> names() const override;
  [[nodiscard]] std::optional<Drop> judge(const Document& document) const override;

 private:
  [[nodiscard]] std::optional<Drop> judge_lines(std::string_view text) const;
  [[nodiscard]] std::optional<Drop> judge_paragraphs(std::string_view text) const;
  [[nodiscard]] std::optional<Drop> judge_frequent(const Words& words) const;
  [[nodiscard]] std::optional<Drop> judge_duplicate(const Words& words) const;

  RepetitionLimits limits_;
};

}  // namespace cram::selection
