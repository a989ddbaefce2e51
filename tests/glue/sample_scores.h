// Results of fine-tuning to show.
#pragma once

#include <string>
#include <vector>

#include "cram/glue/score_table.h"

namespace cram::glue::test {

// A task with one metric on "dev", a seed for each value.
inline TaskScores task_with(const std::string& task, const std::string& title, Metric metric,
                            const std::vector<double>& values) {
  TaskScores scores{.task = task, .title = title, .seeds = {}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    scores.seeds.push_back({.seed = static_cast<std::int64_t>(i),
                            .seconds = 60.5,
                            .splits = {{"dev", {{metric, values[i]}}}}});
  }
  return scores;
}

// Two seeds, two dev splits.
inline TaskScores sample_mnli() {
  TaskScores scores{.task = "mnli", .title = "MNLI", .seeds = {}};
  for (int seed = 0; seed < 2; ++seed) {
    scores.seeds.push_back({.seed = seed,
                            .seconds = 100.25,
                            .splits = {{"dev", {{Metric::kAccuracy, 0.84 + 0.01 * seed}}},
                                       {"dev-mismatched", {{Metric::kAccuracy, 0.85}}}}});
  }
  return scores;
}

// One seed, two metrics.
inline TaskScores sample_mrpc() {
  return {.task = "mrpc",
          .title = "MRPC",
          .seeds = {{.seed = 7,
                     .seconds = 9,
                     .splits = {{"dev", {{Metric::kF1, 0.901}, {Metric::kAccuracy, 0.866}}}}}}};
}

// All of the paper's numbers, each 0.5 but for CoLA.
inline std::vector<TaskScores> sample_glue(double cola) {
  std::vector<TaskScores> tasks = {sample_mnli()};
  for (SeedScore& seed : tasks[0].seeds) {
    for (SplitScore& score : seed.splits) score.metrics[0].value = 0.5;
  }
  for (const char* task : {"sst2", "rte", "qnli", "qqp", "mrpc"}) {
    tasks.push_back(task_with(task, task, Metric::kAccuracy, {0.5}));
  }
  tasks.push_back(task_with("stsb", "STS-B", Metric::kPearson, {0.5}));
  tasks.push_back(task_with("cola", "CoLA", Metric::kMatthews, {cola}));
  return tasks;
}

}  // namespace cram::glue::test
