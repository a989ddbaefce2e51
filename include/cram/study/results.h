// What came of the runs of a study, read from their folders: whatever is there, at any time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cram/recipe/study.h"
#include "cram/report/events.h"
#include "cram/study/text_score.h"

namespace cram::study {

enum class RunState { kNotStarted, kUnfinished, kFinished };

struct RunResult {
  std::string variant;
  std::int64_t seed = 0;
  RunState state = RunState::kNotStarted;
  // Held-out measurements in the order of steps, of the weights that the model folder gets.
  std::vector<report::Validation> curve;
  std::int64_t tokens = 0;                   // trained on
  double seconds = 0;                        // of the budget's clock
  double tokens_per_second = 0;              // over the whole run
  std::string corpus = {};                   // key of its packed text; empty where nothing tells it
  std::optional<TextScore> text_score = {};  // on the study's text
  std::optional<double> glue_mean = {};      // over the study's tasks, once all are done
};

// Of the study's runs, in its order. A run is finished when its record says so and its recipe is
// still the study's, but for keys that decide nothing; scores of its model count from then on.
// Throws Error{kData} for a record that cannot be read.
[[nodiscard]] std::vector<RunResult> read_results(const recipe::Study& study);

// A number over the seeds: the median (the mean of the middle two), the smallest and the largest.
// NaN, a diverged seed, stands behind all numbers.
struct Spread {
  double median = 0, smallest = 0, largest = 0;
};
// Throws Error{kInternal} for no values.
[[nodiscard]] Spread spread_of(std::vector<double> values);

// The finished seeds of a variant.
struct VariantResult {
  std::string variant;
  std::size_t planned = 0;          // seeds
  std::vector<std::int64_t> seeds;  // finished; where there are none, the rest says nothing
  Spread loss, accuracy;            // the last held-out measurement
  double tokens = 0, tokens_per_second = 0;  // medians
  // Of the seeds that have one.
  std::optional<Spread> text_loss, text_bits_per_byte, glue_mean;
  // Until the held-out loss was at the target, on a straight line between measurements; the median
  // of the seeds, and nothing where that one did not reach it.
  std::optional<double> seconds_to_target, tokens_to_target;
};

struct Comparison {
  bool is_scored_on_text = false, is_fine_tuned = false;  // whether the study asks for it
  // Models were scored on different texts: it changed meanwhile, or differs between machines.
  bool has_different_texts = false;
  std::optional<double> target_loss;  // the study's; else the first variant's median at the end
  std::vector<VariantResult> variants;
};
[[nodiscard]] Comparison compare(const recipe::Study& study, const std::vector<RunResult>& runs);

}  // namespace cram::study
