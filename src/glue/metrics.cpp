#include "cram/glue/metrics.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <map>

#include "cram/base/error.h"

#include "same_size.h"

namespace cram::glue {
namespace {

constexpr std::array<std::pair<Metric, const char*>, 6> kNames = {
    {{Metric::kAccuracy, "accuracy"},
     {Metric::kF1, "f1"},
     {Metric::kMatthews, "matthews"},
     {Metric::kPearson, "pearson"},
     {Metric::kSpearman, "spearman"},
     {Metric::kExactMatch, "exact_match"}}};

double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

double count_right(std::span<const int> predicted, std::span<const int> truth) {
  require_same_size(predicted.size(), truth.size());
  std::size_t right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) right += predicted[i] == truth[i] ? 1 : 0;
  return static_cast<double>(right);
}

// F1 of one label: twice the hits over all that are it and all that are called it.
double label_f1(const Confusion& counts, std::size_t label) {
  double called = 0, real = 0;
  for (std::size_t other = 0; other < counts.size(); ++other) {
    called += counts[other][label];
    real += counts[label][other];
  }
  return ratio(2.0 * counts[label][label], called + real);
}

std::map<int, double> count_labels(std::span<const int> labels) {
  std::map<int, double> counts;
  for (const int label : labels) ++counts[label];
  return counts;
}

// The sum of products of two labels' counts.
double product(const std::map<int, double>& one, const std::map<int, double>& other) {
  double sum = 0;
  for (const auto& [label, count] : one) {
    const auto found = other.find(label);
    if (found != other.end()) sum += count * found->second;
  }
  return sum;
}

std::size_t checked_label(int label, int classes) {
  if (label >= 0 && label < classes) return static_cast<std::size_t>(label);
  throw Error(ErrorCode::kInternal,
              "label " + std::to_string(label) + " of " + std::to_string(classes));
}

}  // namespace

const char* name(Metric metric) {
  for (const auto& [known, text] : kNames) {
    if (known == metric) return text;
  }
  throw Error(ErrorCode::kInternal, "a metric without a name");
}

std::optional<Metric> find_metric(std::string_view name) {
  for (const auto& [metric, text] : kNames) {
    if (name == text) return metric;
  }
  return std::nullopt;
}

double accuracy(std::span<const int> predicted, std::span<const int> truth) {
  return ratio(count_right(predicted, truth), static_cast<double>(truth.size()));
}

double f1(std::span<const int> predicted, std::span<const int> truth, int classes) {
  const Confusion counts = confusion(predicted, truth, classes);
  if (counts.size() == 2) return label_f1(counts, 1);
  double sum = 0;
  for (std::size_t label = 0; label < counts.size(); ++label) sum += label_f1(counts, label);
  return ratio(sum, static_cast<double>(counts.size()));
}

// The correlation of K-category assignments (Gorodkin 2004).
double matthews(std::span<const int> predicted, std::span<const int> truth) {
  const double right = count_right(predicted, truth);
  const double all = static_cast<double>(truth.size());
  const std::map<int, double> called = count_labels(predicted), real = count_labels(truth);
  const double common = right * all - product(called, real);
  const double called_spread = all * all - product(called, called);
  const double real_spread = all * all - product(real, real);
  return ratio(common, std::sqrt(called_spread) * std::sqrt(real_spread));
}

Confusion confusion(std::span<const int> predicted, std::span<const int> truth, int classes) {
  require_same_size(predicted.size(), truth.size());
  const auto size = static_cast<std::size_t>(classes);
  Confusion counts(size, std::vector<int>(size, 0));
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ++counts[checked_label(truth[i], classes)][checked_label(predicted[i], classes)];
  }
  return counts;
}

}  // namespace cram::glue
