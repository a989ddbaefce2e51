#include "cram/finetune/prediction.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/ops/softmax.h>
#include <c10/core/GradMode.h>

#include "cram/base/interrupt.h"
#include "cram/finetune/batches.h"

#include "span_search.h"

namespace cram::finetune {
namespace {

using glue::Problem;

// Larger batches of sentences are no faster on a CPU and only add padding.
constexpr std::int64_t kBatch = 32;

// One row of logits, on the CPU.
std::span<const float> numbers(const at::Tensor& row) {
  return {row.const_data_ptr<float>(), static_cast<std::size_t>(row.numel())};
}

Prediction predict_class(const at::Tensor& logits) {
  Prediction prediction;
  const at::Tensor shares = at::softmax(logits, -1).contiguous();
  const auto values = numbers(shares);
  prediction.probabilities.assign(values.begin(), values.end());
  prediction.value =
      static_cast<double>(std::max_element(values.begin(), values.end()) - values.begin());
  return prediction;
}

// `labels` are those of words that the model does not see.
std::vector<int> predict_words(const at::Tensor& logits, const Input& input,
                               std::vector<int> labels) {
  const at::Tensor best = logits.argmax(-1).contiguous();
  const std::int64_t* seen = best.const_data_ptr<std::int64_t>();
  for (std::size_t i = 0; i < input.words.size(); ++i) {
    if (input.words[i] < 0) continue;
    labels[static_cast<std::size_t>(input.words[i])] = static_cast<int>(seen[i]);
  }
  return labels;
}

// Answers come from the windows of a context, which arrive in any order: the best one counts, and
// beside it how sure the model is at least once that there is none.
class AnswerChoice {
 public:
  void offer(const at::Tensor& logits, const Input& input, const std::string& context) {
    const at::Tensor begin = logits.select(1, 0).contiguous();
    const at::Tensor end = logits.select(1, 1).contiguous();
    none_ = std::min(none_, static_cast<double>(numbers(begin)[0]) + numbers(end)[0]);
    if (input.places.empty()) return;
    const auto last = input.second + static_cast<std::int64_t>(input.places.size());
    const SpanCandidate found = best_span(numbers(begin), numbers(end), input.second, last);
    if (!(found.score > best_)) return;
    best_ = found.score;
    const auto place = [&](std::int64_t token) {
      return input.places[static_cast<std::size_t>(token - input.second)];
    };
    const std::size_t first_byte = place(found.begin).begin;
    answer_ = context.substr(first_byte, place(found.end).end - first_byte);
  }

  [[nodiscard]] std::string answer(Answers answers) const {
    return answers == Answers::kAlways || best_ > none_ ? answer_ : "";
  }

 private:
  double none_ = std::numeric_limits<double>::infinity();
  double best_ = -std::numeric_limits<double>::infinity();
  std::string answer_;
};

int unseen_label(const glue::DataSet& data) {
  const auto outside = std::find(data.labels.begin(), data.labels.end(), "O");
  if (outside != data.labels.end()) return static_cast<int>(outside - data.labels.begin());
  std::vector<std::int64_t> counts(data.labels.size(), 0);
  for (const glue::Example& example : data.train.examples) {
    for (const int label : example.word_labels) ++counts[static_cast<std::size_t>(label)];
  }
  return static_cast<int>(std::max_element(counts.begin(), counts.end()) - counts.begin());
}

Answers answers_of(const glue::Split& train) {
  const auto answered = [](const glue::Example& example) { return !example.answers.empty(); };
  const bool always = !train.examples.empty() &&
                      std::all_of(train.examples.begin(), train.examples.end(), answered);
  return always ? Answers::kAlways : Answers::kMaybeNone;
}

KnownLabels known_words(const std::vector<Prediction>& predictions, const glue::Split& split) {
  KnownLabels known;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const std::vector<int>& truth = split.examples[i].word_labels;
    if (truth.empty()) continue;
    known.predicted.insert(known.predicted.end(), predictions[i].word_labels.begin(),
                           predictions[i].word_labels.end());
    known.truth.insert(known.truth.end(), truth.begin(), truth.end());
  }
  return known;
}

double label_metric(const KnownLabels& known, glue::Metric metric, std::size_t classes) {
  switch (metric) {
    case glue::Metric::kF1:
      return glue::f1(known.predicted, known.truth, static_cast<int>(classes));
    case glue::Metric::kMatthews:
      return glue::matthews(known.predicted, known.truth);
    default:
      return glue::accuracy(known.predicted, known.truth);
  }
}

double score_metric(const std::vector<Prediction>& predictions, const glue::Split& split,
                    glue::Metric metric) {
  std::vector<double> predicted, truth;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    if (std::isnan(split.examples[i].target)) continue;
    predicted.push_back(predictions[i].value);
    truth.push_back(split.examples[i].target);
  }
  return metric == glue::Metric::kSpearman ? glue::spearman(predicted, truth)
                                           : glue::pearson(predicted, truth);
}

bool has_entities(const glue::DataSet& data) {
  return std::any_of(data.labels.begin(), data.labels.end(),
                     [](const std::string& label) { return label.starts_with("B-"); });
}

std::vector<std::string> label_names(const std::vector<int>& labels, const glue::DataSet& data) {
  std::vector<std::string> names;
  for (const int label : labels) names.push_back(data.labels[static_cast<std::size_t>(label)]);
  return names;
}

double entity_metric(const std::vector<Prediction>& predictions, const glue::Split& split,
                     const glue::DataSet& data) {
  std::vector<std::vector<std::string>> predicted, truth;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    if (split.examples[i].word_labels.empty()) continue;
    predicted.push_back(label_names(predictions[i].word_labels, data));
    truth.push_back(label_names(split.examples[i].word_labels, data));
  }
  return glue::entity_f1(predicted, truth);
}

double span_metric(const std::vector<Prediction>& predictions, const glue::Split& split,
                   glue::Metric metric) {
  double sum = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const glue::SpanScore score =
        glue::span_score(predictions[i].answer, split.examples[i].answers);
    sum += metric == glue::Metric::kExactMatch ? score.exact_match : score.f1;
  }
  return predictions.empty() ? 0 : sum / static_cast<double>(predictions.size());
}

double measure_one(const std::vector<Prediction>& predictions, const glue::Split& split,
                   const glue::DataSet& data, glue::Metric metric) {
  switch (data.problem) {
    case Problem::kRegression:
      return score_metric(predictions, split, metric);
    case Problem::kSpan:
      return span_metric(predictions, split, metric);
    case Problem::kTokenLabels:
      if (metric == glue::Metric::kF1 && has_entities(data)) {
        return entity_metric(predictions, split, data);
      }
      return label_metric(known_words(predictions, split), metric, data.labels.size());
    case Problem::kClassification:
      break;
  }
  return label_metric(known_classes(predictions, split), metric, data.labels.size());
}

}  // namespace

PredictionOptions prediction_options(const glue::DataSet& data, bool segments) {
  PredictionOptions options{.segments = segments};
  if (data.problem == Problem::kTokenLabels) options.unseen_label = unseen_label(data);
  if (data.problem == Problem::kSpan) options.answers = answers_of(data.train);
  return options;
}

std::vector<Prediction> predict(const model::TaskModel& model, const std::vector<Input>& inputs,
                                const glue::Split& split, const glue::DataSet& data,
                                const PredictionOptions& options) {
  const c10::NoGradGuard no_gradients;
  std::vector<Prediction> predictions(split.examples.size());
  std::vector<AnswerChoice> answers(data.problem == Problem::kSpan ? predictions.size() : 0);
  for (const Rows& rows : plan_by_length(inputs, kBatch)) {
    interrupt::throw_if_stopped();
    const TaskBatch batch =
        make_batch(inputs, rows, data.problem, options.segments, model.placement().device);
    const at::Tensor logits =
        model.logits(batch.input, model::Mode::kEvaluation).cpu().contiguous();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Input& input = inputs[static_cast<std::size_t>(rows[i])];
      const auto number = static_cast<std::size_t>(input.example);
      const at::Tensor row = logits[static_cast<std::int64_t>(i)];
      if (data.problem == Problem::kClassification) {
        predictions[number] = predict_class(row);
      } else if (data.problem == Problem::kRegression) {
        predictions[number].value = numbers(row)[0];
      } else if (data.problem == Problem::kTokenLabels) {
        predictions[number].word_labels = predict_words(
            row, input,
            std::vector<int>(split.examples[number].words.size(), options.unseen_label));
      } else {
        answers[number].offer(row, input, split.examples[number].second);
      }
    }
  }
  for (std::size_t i = 0; i < answers.size(); ++i) {
    predictions[i].answer = answers[i].answer(options.answers);
  }
  return predictions;
}

KnownLabels known_classes(const std::vector<Prediction>& predictions, const glue::Split& split) {
  KnownLabels known;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    if (std::isnan(split.examples[i].target)) continue;
    known.predicted.push_back(static_cast<int>(predictions[i].value));
    known.truth.push_back(static_cast<int>(split.examples[i].target));
  }
  return known;
}

std::vector<glue::Measured> measure(const std::vector<Prediction>& predictions,
                                    const glue::Split& split, const glue::DataSet& data,
                                    const std::vector<glue::Metric>& metrics) {
  std::vector<glue::Measured> measured;
  for (const glue::Metric metric : metrics) {
    measured.push_back({metric, measure_one(predictions, split, data, metric)});
  }
  return measured;
}

std::vector<glue::Metric> customary_metrics(const glue::DataSet& data) {
  using glue::Metric;
  switch (data.problem) {
    case Problem::kRegression:
      return {Metric::kPearson, Metric::kSpearman};
    case Problem::kTokenLabels:
      return {Metric::kF1, Metric::kAccuracy};
    case Problem::kSpan:
      return {Metric::kF1, Metric::kExactMatch};
    case Problem::kClassification:
      break;
  }
  return {Metric::kAccuracy, Metric::kF1, Metric::kMatthews};
}

}  // namespace cram::finetune
