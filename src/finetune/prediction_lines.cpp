#include "cram/finetune/prediction_lines.h"

#include <nlohmann/json.hpp>

namespace cram::finetune {
namespace {

using Json = nlohmann::ordered_json;

const std::string& label(const glue::DataSet& data, std::size_t number) {
  return data.labels[number];
}

void add_class(Json& line, const Prediction& prediction, const glue::DataSet& data) {
  line["label"] = label(data, static_cast<std::size_t>(prediction.value));
  Json shares = Json::object();
  for (std::size_t i = 0; i < prediction.probabilities.size(); ++i) {
    shares[label(data, i)] = prediction.probabilities[i];
  }
  line["probabilities"] = shares;
}

void add_words(Json& line, const Prediction& prediction, const glue::Example& example,
               const glue::DataSet& data) {
  Json labels = Json::array();
  for (const int number : prediction.word_labels) {
    labels.push_back(label(data, static_cast<std::size_t>(number)));
  }
  line["words"] = example.words;
  line["labels"] = labels;
}

}  // namespace

std::string prediction_lines(const std::vector<Prediction>& predictions, const glue::Split& split,
                             const glue::DataSet& data) {
  std::string lines;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const glue::Example& example = split.examples[i];
    Json line = {{"id", example.id.empty() ? std::to_string(i) : example.id}};
    switch (data.problem) {
      case glue::Problem::kClassification:
        add_class(line, predictions[i], data);
        break;
      case glue::Problem::kRegression:
        line["score"] = predictions[i].value;
        break;
      case glue::Problem::kTokenLabels:
        add_words(line, predictions[i], example, data);
        break;
      case glue::Problem::kSpan:
        line["answer"] = predictions[i].answer;
        break;
    }
    lines += line.dump() + "\n";
  }
  return lines;
}

}  // namespace cram::finetune
