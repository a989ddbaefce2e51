// The rows of the tables that people read, the same in text, Markdown and HTML.
#pragma once

#include <string>
#include <vector>

#include "cram/glue/score_table.h"

namespace cram::glue {

// In the order in which the seeds have them.
[[nodiscard]] std::vector<std::string> splits_of(const TaskScores& task);
[[nodiscard]] std::vector<Metric> metrics_of(const TaskScores& task, const std::string& split);

// In percent with two decimals; "diverged" for NaN.
[[nodiscard]] std::string percent(double share);

// One dev split of one task.
struct ScoreRow {
  std::string task;    // "MNLI", "MNLI dev-mismatched"
  std::string metric;  // the first one
  std::string median;
  std::string range;   // "84.02..84.55"; empty for one seed
  std::string seeds;   // "5", or "4 of 5" where one diverged
  std::string others;  // medians of the other metrics: "f1 88.10, matthews 61.27"
};
[[nodiscard]] std::vector<ScoreRow> score_rows(const std::vector<TaskScores>& tasks);

// The mean in one sentence, with what is missing; empty where nothing of GLUE is there.
[[nodiscard]] std::string mean_sentence(const GlueMean& mean);

}  // namespace cram::glue
