#include "score_rows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

namespace cram::glue {
namespace {

std::string range_of(const Spread& range, std::size_t seeds) {
  return seeds < 2 ? "" : percent(range.smallest) + ".." + percent(range.largest);
}

// The seeds that have the number, and those that diverged among them.
struct Seeds {
  std::size_t all = 0, diverged = 0;
};

Seeds count_seeds(const TaskScores& task, const std::string& split, Metric metric) {
  Seeds seeds;
  for (const SeedScore& seed : task.seeds) {
    for (const SplitScore& score : seed.splits) {
      if (score.split != split) continue;
      for (const Measured& measured : score.metrics) {
        if (measured.metric != metric) continue;
        ++seeds.all;
        if (std::isnan(measured.value)) ++seeds.diverged;
      }
    }
  }
  return seeds;
}

std::string seeds_text(const Seeds& seeds) {
  const std::string all = std::to_string(seeds.all);
  return seeds.diverged == 0 ? all : std::to_string(seeds.all - seeds.diverged) + " of " + all;
}

std::string others_text(const TaskScores& task, const std::string& split,
                        const std::vector<Metric>& metrics) {
  std::string text;
  for (std::size_t i = 1; i < metrics.size(); ++i) {
    text += (i == 1 ? "" : ", ") + std::string(name(metrics[i])) + " " +
            percent(spread(task, split, metrics[i]).median);
  }
  return text;
}

}  // namespace

std::vector<std::string> splits_of(const TaskScores& task) {
  std::vector<std::string> splits;
  for (const SeedScore& seed : task.seeds) {
    for (const SplitScore& score : seed.splits) {
      if (std::ranges::find(splits, score.split) == splits.end()) splits.push_back(score.split);
    }
  }
  return splits;
}

std::vector<Metric> metrics_of(const TaskScores& task, const std::string& split) {
  std::vector<Metric> metrics;
  for (const SeedScore& seed : task.seeds) {
    for (const SplitScore& score : seed.splits) {
      if (score.split != split) continue;
      for (const Measured& measured : score.metrics) {
        if (std::ranges::find(metrics, measured.metric) == metrics.end()) {
          metrics.push_back(measured.metric);
        }
      }
    }
  }
  return metrics;
}

std::string percent(double share) {
  if (std::isnan(share)) return "diverged";
  // + 0.0: what rounds to nothing has no sign.
  const double rounded = std::round(share * 1e4) / 100 + 0.0;
  std::array<char, 400> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), rounded,
                                 std::chars_format::fixed, 2);
  return {digits.data(), end.ptr};
}

std::vector<ScoreRow> score_rows(const std::vector<TaskScores>& tasks) {
  std::vector<ScoreRow> rows;
  for (const TaskScores& task : tasks) {
    for (const std::string& split : splits_of(task)) {
      const std::vector<Metric> metrics = metrics_of(task, split);
      if (metrics.empty()) continue;
      const Spread range = spread(task, split, metrics[0]);
      const Seeds seeds = count_seeds(task, split, metrics[0]);
      rows.push_back({.task = split == "dev" ? task.title : task.title + " " + split,
                      .metric = name(metrics[0]),
                      .median = percent(range.median),
                      .range = range_of(range, seeds.all),
                      .seeds = seeds_text(seeds),
                      .others = others_text(task, split, metrics)});
    }
  }
  return rows;
}

std::string mean_sentence(const GlueMean& mean) {
  const auto missing = static_cast<int>(mean.missing.size());
  if (missing == kGlueNumbers && std::isnan(mean.mean)) return "";
  std::string text = "GLUE mean: " + percent(mean.mean) + " over " +
                     std::to_string(kGlueNumbers - missing) + " of " +
                     std::to_string(kGlueNumbers) + " numbers";
  for (std::size_t i = 0; i < mean.missing.size(); ++i) {
    text += (i == 0 ? ", without " : ", ") + mean.missing[i];
  }
  return text;
}

}  // namespace cram::glue
