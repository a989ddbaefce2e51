#include "cram/glue/score_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "cram/base/error.h"

#include "score_rows.h"

namespace cram::glue {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct PaperNumber {
  const char* task;
  const char* split;
  const char* title;
};

constexpr std::array<PaperNumber, kGlueNumbers> kPaperNumbers = {
    {{"mnli", "dev", "MNLI"},
     {"mnli", "dev-mismatched", "MNLI-mm"},
     {"sst2", "dev", "SST-2"},
     {"stsb", "dev", "STS-B"},
     {"rte", "dev", "RTE"},
     {"qnli", "dev", "QNLI"},
     {"qqp", "dev", "QQP"},
     {"mrpc", "dev", "MRPC"},
     {"cola", "dev", "CoLA"}}};

// Diverged is worse than anything.
bool is_worse(double one, double other) {
  return std::isnan(one) ? !std::isnan(other) : one < other;
}

std::vector<double> sorted_values(const TaskScores& task, const std::string& split, Metric metric) {
  std::vector<double> values;
  for (const SeedScore& seed : task.seeds) {
    for (const SplitScore& score : seed.splits) {
      if (score.split != split) continue;
      for (const Measured& measured : score.metrics) {
        if (measured.metric == metric) values.push_back(measured.value);
      }
    }
  }
  std::ranges::sort(values, is_worse);
  return values;
}

double first_value(const SeedScore& seed) {
  if (seed.splits.empty() || seed.splits[0].metrics.empty()) return kNan;
  return seed.splits[0].metrics[0].value;
}

// The median of one of the paper's numbers; why it is missing, where it is.
struct Found {
  double median = kNan;
  std::string missing;
};

Found find_number(const std::vector<TaskScores>& tasks, const PaperNumber& number) {
  for (const TaskScores& task : tasks) {
    if (task.task != number.task) continue;
    const std::vector<Metric> metrics = metrics_of(task, number.split);
    if (metrics.empty()) continue;
    const double median = spread(task, number.split, metrics[0]).median;
    return {median, std::isnan(median) ? std::string(number.title) + " (diverged)" : ""};
  }
  return {kNan, number.title};
}

}  // namespace

Spread spread(const TaskScores& task, const std::string& split, Metric metric) {
  const std::vector<double> values = sorted_values(task, split, metric);
  if (values.empty()) return {kNan, kNan, kNan};
  const std::size_t upper = values.size() / 2, lower = (values.size() - 1) / 2;
  return {.median = (values[lower] + values[upper]) / 2,
          .smallest = values.front(),
          .largest = values.back()};
}

const SeedScore& median_seed(const TaskScores& task) {
  if (task.seeds.empty()) throw Error(ErrorCode::kInternal, task.task + ": no seed has finished");
  std::vector<const SeedScore*> order;
  for (const SeedScore& seed : task.seeds) order.push_back(&seed);
  std::ranges::stable_sort(order, is_worse,
                           [](const SeedScore* seed) { return first_value(*seed); });
  return *order[(order.size() - 1) / 2];
}

GlueMean glue_mean(const std::vector<TaskScores>& tasks) {
  GlueMean result;
  double sum = 0;
  for (const PaperNumber& number : kPaperNumbers) {
    const Found found = find_number(tasks, number);
    if (found.missing.empty()) {
      sum += found.median;
    } else {
      result.missing.push_back(found.missing);
    }
  }
  const std::size_t count = kPaperNumbers.size() - result.missing.size();
  result.mean = count == 0 ? kNan : sum / static_cast<double>(count);
  return result;
}

}  // namespace cram::glue
