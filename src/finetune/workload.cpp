#include "cram/finetune/workload.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>

#include "cram/base/error.h"
#include "cram/base/hash.h"
#include "cram/finetune/prediction.h"

#include "input_cache.h"

namespace cram::finetune {
namespace {

// Changes whenever the same examples would give other inputs.
constexpr std::string_view kFramingVersion = "2";

class ExampleHasher {
 public:
  void add(const glue::Split& split) {
    text(split.name);
    for (const glue::Example& example : split.examples) add(example);
  }
  void text(std::string_view value) {
    number(value.size());
    hasher_.add(value);
  }
  void number(std::uint64_t value) { hasher_.add(&value, sizeof value); }
  [[nodiscard]] std::string key() const { return hex64(hasher_.value()); }

 private:
  void add(const glue::Example& example) {
    text(example.first);
    text(example.second);
    number(std::bit_cast<std::uint64_t>(example.target));
    number(example.words.size());
    for (const std::string& word : example.words) text(word);
    for (const int label : example.word_labels) number(static_cast<std::uint64_t>(label));
    for (const glue::Answer& answer : example.answers) {
      text(answer.text);
      number(answer.begin);
    }
  }

  Hasher hasher_;
};

std::string key_of(const glue::Split& split, const glue::DataSet& data,
                   const tokenizer::Tokenizer& tokenizer, const FramingOptions& framing) {
  ExampleHasher hasher;
  hasher.text(kFramingVersion);
  hasher.number(tokenizer.fingerprint());
  hasher.number(static_cast<std::uint64_t>(data.problem));
  hasher.number(data.pairs ? 1 : 0);
  hasher.number(static_cast<std::uint64_t>(framing.max_length));
  hasher.number(framing.second_separator ? 1 : 0);
  hasher.number(static_cast<std::uint64_t>(tokenizer.framing().between));
  hasher.add(split);
  return hasher.key();
}

// Whether it is known what is to be said of the example.
bool is_labelled(const glue::Example& example, const glue::DataSet& data) {
  if (data.problem == glue::Problem::kSpan) return true;
  if (data.problem == glue::Problem::kTokenLabels) return !example.word_labels.empty();
  return !std::isnan(example.target);
}

// Whether the label of an example is one that the model could give.
bool is_possible(const glue::Example& example, const glue::DataSet& data) {
  const auto classes = data.labels.size();
  switch (data.problem) {
    case glue::Problem::kClassification:
      return example.target >= 0 && example.target < static_cast<double>(classes) &&
             example.target == std::floor(example.target);
    case glue::Problem::kRegression:
      return std::isfinite(example.target);
    case glue::Problem::kTokenLabels:
      return example.word_labels.size() == example.words.size() &&
             std::all_of(example.word_labels.begin(), example.word_labels.end(),
                         [&](int label) { return label >= 0 && std::cmp_less(label, classes); });
    case glue::Problem::kSpan:
      break;
  }
  return true;
}

enum class Labels { kNeeded, kOptional };
void check_labels(const glue::Split& split, const glue::DataSet& data, Labels labels) {
  for (std::size_t i = 0; i < split.examples.size(); ++i) {
    const glue::Example& example = split.examples[i];
    const bool labelled = is_labelled(example, data);
    if (labelled ? is_possible(example, data) : labels == Labels::kOptional) continue;
    throw Error(ErrorCode::kData, data.name + " " + split.name + ", example " +
                                      std::to_string(i + 1) + ": " +
                                      (labelled ? "a label or score that cannot be" : "no label"));
  }
}

void check(const glue::DataSet& data) {
  if (data.train.examples.empty()) {
    throw Error(ErrorCode::kData, data.name + ": there is nothing to train on");
  }
  if (data.dev.empty() || data.dev.front().examples.empty()) {
    throw Error(ErrorCode::kData, data.name + ": there is nothing to score a model on",
                "a development split is what scores are measured on");
  }
  check_labels(data.train, data, Labels::kNeeded);
  for (const glue::Split& split : data.dev) check_labels(split, data, Labels::kOptional);
  const auto& first = data.dev.front().examples;
  if (std::none_of(first.begin(), first.end(),
                   [&](const glue::Example& example) { return is_labelled(example, data); })) {
    throw Error(ErrorCode::kData, data.name + ": no label of the development split is known");
  }
}

// Of what is scored beside the examples: what their labels mean, and how they are counted.
std::string key_of(const std::vector<std::string>& labels,
                   const std::vector<glue::Metric>& metrics) {
  ExampleHasher hasher;
  hasher.number(labels.size());
  for (const std::string& label : labels) hasher.text(label);
  for (const glue::Metric metric : metrics) hasher.text(glue::name(metric));
  return hasher.key();
}

// The name of a user's data set, under which it has a folder in its run: "..", "run.json" and
// "tensorboard" stand for something else there, and "mnli" would count in the mean of GLUE.
std::string own_name(std::string name) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c >= 0x80;
  };
  std::replace_if(
      name.begin(), name.end(), [&](char c) { return !is_plain(c); }, '_');
  const bool taken = name == "tensorboard" || glue::find_task(name) != nullptr;
  return taken ? name + "-own" : name;
}

}  // namespace

Workload make_workload(glue::DataSet data, const glue::Task* task,
                       const tokenizer::Tokenizer& tokenizer, const WorkloadOptions& options) {
  check(data);
  auto& examples = data.train.examples;
  if (options.max_examples > 0 && std::cmp_less(options.max_examples, examples.size())) {
    examples.resize(static_cast<std::size_t>(options.max_examples));
  }
  Workload workload;
  workload.data = std::move(data);
  workload.task = task;
  if (task == nullptr) workload.data.name = own_name(workload.data.name);
  workload.metrics = task != nullptr ? task->metrics : customary_metrics(workload.data);
  workload.fingerprint = key_of(workload.data.labels, workload.metrics);
  const auto encode = [&](const glue::Split& split) {
    const std::string key = key_of(split, workload.data, tokenizer, options.framing);
    workload.fingerprint += key;
    return cached_inputs(options.cache, key, [&] {
      return make_inputs(split, workload.data, tokenizer, options.framing);
    });
  };
  workload.training = encode(workload.data.train);
  for (const glue::Split& split : workload.data.dev) workload.dev.push_back(encode(split));
  for (const glue::Split& split : workload.data.test) workload.test.push_back(encode(split));
  workload.fingerprint = hex64(hash64(workload.fingerprint));
  return workload;
}

}  // namespace cram::finetune
