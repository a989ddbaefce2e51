// The results of a fine-tuning run as people and programs read them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cram/glue/metrics.h"

namespace cram::glue {

// One fine-tuned model on one dev split.
struct SplitScore {
  std::string split;  // "dev", "dev-mismatched"
  std::vector<Measured> metrics;
  bool operator==(const SplitScore&) const = default;
};

struct SeedScore {
  std::int64_t seed = 0;
  double seconds = 0;         // of fine-tuning, without evaluation
  std::int64_t examples = 0;  // trained on, each as often as it was seen
  std::int64_t tokens = 0;    // in them, without padding
  std::vector<SplitScore> splits;
  bool operator==(const SeedScore&) const = default;
};

struct TaskScores {
  std::string task;   // "mnli", or a user's data set
  std::string title;  // "MNLI"
  std::vector<SeedScore> seeds;
};

// A number of the table over the seeds of a task: the median (the mean of the middle two), the
// smallest and the largest. NaN, a diverged seed, is worse than any value: it is the smallest, and
// the median when it stands in the middle. All three are NaN where no seed has the number.
struct Spread {
  double median = 0, smallest = 0, largest = 0;
};
[[nodiscard]] Spread spread(const TaskScores& task, const std::string& split, Metric metric);

// The seed whose first metric on the first split is the median, the lower of the middle two; seeds
// without it are worse than any. Throws Error{kInternal} for a task without seeds.
[[nodiscard]] const SeedScore& median_seed(const TaskScores& task);

// The mean over the paper's nine numbers: MNLI matched and mismatched, SST-2, STS-B, RTE, QNLI,
// QQP, MRPC and CoLA, each the median of its first metric. Says which are missing: "MNLI-mm", or
// "CoLA (diverged)" where the median is NaN.
struct GlueMean {
  double mean = 0;  // over those that are there; NaN where none is
  std::vector<std::string> missing;
};
[[nodiscard]] GlueMean glue_mean(const std::vector<TaskScores>& tasks);

// Numbers without which a GLUE mean is not the paper's.
inline constexpr int kGlueNumbers = 9;

// In percent with two decimals; one row a task and dev split, then the mean where a task of GLUE is
// there. The text is ASCII and at most 100 columns wide: long titles are cut.
[[nodiscard]] std::string to_text(const std::vector<TaskScores>& tasks);
[[nodiscard]] std::string to_markdown(const std::vector<TaskScores>& tasks);

// All digits. CSV has a row for each number and seed: task,split,metric,seed,value,seconds, with
// "nan" for NaN. JSON, where NaN is null, also has the spreads and the mean.
[[nodiscard]] std::string to_csv(const std::vector<TaskScores>& tasks);
[[nodiscard]] std::string to_json(const std::vector<TaskScores>& tasks);

// parse_task_scores(to_json(x), …) is x again, to the bit. Anything else than what to_json wrote is
// Error{kData} whose message begins with `where`.
[[nodiscard]] std::vector<TaskScores> parse_task_scores(const std::string& text,
                                                        const std::string& where);

// One seed alone, for a finished job to keep, and back in the same way.
[[nodiscard]] std::string to_json(const SeedScore& score);
[[nodiscard]] SeedScore parse_seed_score(const std::string& text, const std::string& where);

}  // namespace cram::glue
