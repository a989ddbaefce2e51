// The scores of GLUE, SQuAD and CoNLL, as scikit-learn, scipy and their official scripts compute
// them. All are shares in [0, 1] or correlations in [-1, 1].
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cram/glue/example.h"

namespace cram::glue {

enum class Metric {
  kAccuracy,  // share of right labels; of words for token labels
  kF1,        // of the label number 1 for two labels, else the mean over all labels (macro);
              // of entities (IOB2, exact match) for token labels; of words for spans
  kMatthews,  // Matthews correlation
  kPearson,
  kSpearman,
  kExactMatch,  // share of spans that are exactly an answer
};
[[nodiscard]] const char* name(Metric metric);  // "accuracy", "matthews", …
[[nodiscard]] std::optional<Metric> find_metric(std::string_view name);

struct Measured {
  Metric metric = Metric::kAccuracy;
  double value = 0;
  bool operator==(const Measured&) const = default;
};

// Both sides of each of the following are equally long; else Error{kInternal}.

// Labels by number, from 0. `classes` is how many there are. Empty input gives 0, and so does a
// ratio whose denominator is 0 (one class only, no positive predictions), as in scikit-learn.
[[nodiscard]] double accuracy(std::span<const int> predicted, std::span<const int> truth);
[[nodiscard]] double f1(std::span<const int> predicted, std::span<const int> truth, int classes);
[[nodiscard]] double matthews(std::span<const int> predicted, std::span<const int> truth);

// 0 where one side is constant or empty (scipy: NaN, an error), so that a collapsed model gets the
// score it deserves. NaN where a value is not finite: a diverged model. Scores of any size, 1e-300
// or 1e300, lose nothing.
[[nodiscard]] double pearson(std::span<const double> predicted, std::span<const double> truth);
// With mean ranks for ties. Infinities have ranks like other values.
[[nodiscard]] double spearman(std::span<const double> predicted, std::span<const double> truth);

// F1 of whole entities, micro-averaged over sentences, as the conlleval script and seqeval's
// default mode: labels are "O", "B-…", "I-…"; an I- after another type begins an entity. The S- and
// E- of IOBES mean what they mean there, and a label without such a prefix counts as I-. Without
// entities on both sides 0.
[[nodiscard]] double entity_f1(const std::vector<std::vector<std::string>>& predicted,
                               const std::vector<std::vector<std::string>>& truth);

// SQuAD's normalised exact match and word F1, each the best over the answers; no answer is "", and
// so are answers of which nothing is left. As version 2.0's script: lower case, then without ASCII
// punctuation, without the words a, an and the, split at Unicode's white space. Lower case goes
// character by character: unlike Python's it knows neither the final sigma nor the dotted I.
struct SpanScore {
  double exact_match = 0, f1 = 0;
};
[[nodiscard]] SpanScore span_score(const std::string& predicted,
                                   const std::vector<Answer>& answers);

// counts[truth][predicted].
using Confusion = std::vector<std::vector<int>>;
[[nodiscard]] Confusion confusion(std::span<const int> predicted, std::span<const int> truth,
                                  int classes);

}  // namespace cram::glue
