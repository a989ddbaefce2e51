// Drops documents that do not read like prose, by the rules of MassiveText (Rae et al. 2021,
// "Scaling language models: methods, analysis & insights from training Gopher", arXiv 2112.11446,
// appendix A.1.1, "Quality filtering").
#pragma once

#include "cram/selection/rule.h"

namespace cram::selection {

// The numbers are the paper's. Words are here what stands between ASCII white space, and what is
// longer than a word is not split: punctuation counts to the word that it touches.
struct QualityLimits {
  std::int64_t min_words = 50;
  std::int64_t max_words = 100'000;
  double min_mean_word_length = 3;  // characters
  double max_mean_word_length = 10;
  double max_symbols = 0.1;             // '#', and "..." or "…", each as a share of the words
  double max_bullet_lines = 0.9;        // lines that begin with '-', '*' or a bullet
  double max_ellipsis_lines = 0.3;      // lines that end with "..." or "…"
  double min_words_with_letters = 0.8;  // share of the words with a letter in them
  std::int64_t min_stop_words = 2;      // different ones of: the, be, to, of, and, that, have, with
};

class Quality final : public ContentRule {
 public:
  explicit Quality(const QualityLimits& limits) : limits_(limits) {}

  [[nodiscard]] std::vector<std::string> names() const override;
  [[nodiscard]] std::optional<Drop> judge(const Document& document) const override;

 private:
  QualityLimits limits_;
};

}  // namespace cram::selection
