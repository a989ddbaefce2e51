// What a fine-tuned model says of examples, and how good that is.
#pragma once

#include <string>
#include <vector>

#include "cram/finetune/inputs.h"
#include "cram/glue/example.h"
#include "cram/glue/metrics.h"
#include "cram/model/task_model.h"

namespace cram::finetune {

// Which members are filled depends on the problem.
struct Prediction {
  double value = 0;                        // classification: the number of the class; or the score
  std::vector<double> probabilities = {};  // classification: of the classes
  std::vector<int> word_labels = {};       // token labels: of all words
  std::string answer = {};                 // span: a part of the context; "": there is none
};

// Span: whether a question may have no answer.
enum class Answers { kAlways, kMaybeNone };

struct PredictionOptions {
  bool segments = true;  // whether the model tells segments apart
  int unseen_label = 0;  // token labels: of words that were cut off or have no token
  Answers answers = Answers::kMaybeNone;
};

// As the training examples of `data` have it. Unseen words are "O", or where there is no such label
// the most frequent one. Questions always have an answer where all those of training have; without
// training examples they may have none.
[[nodiscard]] PredictionOptions prediction_options(const glue::DataSet& data, bool segments);

// One prediction for each example of the split that the inputs were made from, with dropout off.
// With Answers::kAlways, an answer is "" only where the context has no token.
// Throws Interrupted when a signal asks to stop.
[[nodiscard]] std::vector<Prediction> predict(const model::TaskModel& model,
                                              const std::vector<Input>& inputs,
                                              const glue::Split& split, const glue::DataSet& data,
                                              const PredictionOptions& options);

// `metrics` over the examples whose truth is known.
[[nodiscard]] std::vector<glue::Measured> measure(const std::vector<Prediction>& predictions,
                                                  const glue::Split& split,
                                                  const glue::DataSet& data,
                                                  const std::vector<glue::Metric>& metrics);

// The classes of the examples whose truth is known.
struct KnownLabels {
  std::vector<int> predicted = {}, truth = {};
};
[[nodiscard]] KnownLabels known_classes(const std::vector<Prediction>& predictions,
                                        const glue::Split& split);

// The customary metrics of a user's data set; the first one decides.
[[nodiscard]] std::vector<glue::Metric> customary_metrics(const glue::DataSet& data);

}  // namespace cram::finetune
