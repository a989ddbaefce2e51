#include "error_listing.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <numeric>

namespace cram::finetune {
namespace {

using glue::Problem;
using glue::WorstError;

constexpr double kNoConfidence = std::numeric_limits<double>::quiet_NaN();

struct Ranked {
  double badness = 0;
  WorstError error;
};

std::string score_text(double score) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", score);
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string joined_labels(const std::vector<int>& labels, const glue::DataSet& data) {
  std::vector<std::string> names;
  for (const int label : labels) names.push_back(data.labels[static_cast<std::size_t>(label)]);
  return joined(names);
}

Ranked rank_class(const Prediction& prediction, const glue::Example& example,
                  const glue::DataSet& data) {
  if (std::isnan(example.target) || prediction.value == example.target) return {};
  const auto predicted = static_cast<std::size_t>(prediction.value);
  const double confidence = prediction.probabilities[predicted];
  return {confidence,
          {example.first, example.second, data.labels[static_cast<std::size_t>(example.target)],
           data.labels[predicted], confidence}};
}

Ranked rank_score(const Prediction& prediction, const glue::Example& example) {
  const double distance = std::abs(prediction.value - example.target);
  if (!(distance > 0)) return {};
  return {distance,
          {example.first, example.second, score_text(example.target), score_text(prediction.value),
           kNoConfidence}};
}

Ranked rank_words(const Prediction& prediction, const glue::Example& example,
                  const glue::DataSet& data) {
  if (example.word_labels.empty()) return {};
  const auto& truth = example.word_labels;
  const auto wrong = std::inner_product(truth.begin(), truth.end(), prediction.word_labels.begin(),
                                        0, std::plus<>(), std::not_equal_to<>());
  return {static_cast<double>(wrong) / static_cast<double>(truth.size()),
          {joined(example.words), "", joined_labels(truth, data),
           joined_labels(prediction.word_labels, data), kNoConfidence}};
}

Ranked rank_answer(const Prediction& prediction, const glue::Example& example) {
  if (glue::span_score(prediction.answer, example.answers).f1 > 0) return {};
  return {1,
          {example.first, example.second,
           example.answers.empty() ? "(no answer)" : example.answers.front().text,
           prediction.answer.empty() ? "(no answer)" : prediction.answer, kNoConfidence}};
}

Ranked rank(const Prediction& prediction, const glue::Example& example, const glue::DataSet& data) {
  switch (data.problem) {
    case Problem::kRegression:
      return rank_score(prediction, example);
    case Problem::kTokenLabels:
      return rank_words(prediction, example, data);
    case Problem::kSpan:
      return rank_answer(prediction, example);
    case Problem::kClassification:
      break;
  }
  return rank_class(prediction, example, data);
}

}  // namespace

std::vector<WorstError> worst_errors(const std::vector<Prediction>& predictions,
                                     const glue::Split& split, const glue::DataSet& data,
                                     std::size_t count) {
  std::vector<Ranked> ranked;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    Ranked entry = rank(predictions[i], split.examples[i], data);
    if (entry.badness > 0) ranked.push_back(std::move(entry));
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Ranked& a, const Ranked& b) { return a.badness > b.badness; });
  std::vector<WorstError> errors;
  for (std::size_t i = 0; i < std::min(count, ranked.size()); ++i) {
    errors.push_back(std::move(ranked[i].error));
  }
  return errors;
}

}  // namespace cram::finetune
