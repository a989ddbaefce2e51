#include "task_description.h"

#include <algorithm>
#include <array>
#include <set>

#include "cram/base/error.h"

#include "json_object.h"
#include "strict_json.h"

namespace cram::checkpoint {

namespace {

using model::Outputs;
using recipe::Pooling;

constexpr const char* kFormat = "cram-task";
constexpr int kVersion = 1;

template <typename T>
struct Choice {
  const char* name;
  T value;
};
constexpr std::array kOutputs = {Choice<Outputs>{"sequence", Outputs::kOfSequence},
                                 Choice<Outputs>{"tokens", Outputs::kOfTokens}};
constexpr std::array kPoolings = {Choice<Pooling>{"first-token", Pooling::kFirstToken},
                                  Choice<Pooling>{"mean", Pooling::kMean}};

// What a problem wants of a head.
struct Problem {
  const char* name;
  Outputs outputs;
  bool has_labels;
  std::int64_t size;  // without labels
};
constexpr std::array kProblems = {Problem{"classification", Outputs::kOfSequence, true, 0},
                                  Problem{"regression", Outputs::kOfSequence, false, 1},
                                  Problem{"token-labels", Outputs::kOfTokens, true, 0},
                                  Problem{"span", Outputs::kOfTokens, false, 2}};

template <typename T, std::size_t N>
T read_choice(const JsonObject& object, const char* key, const std::array<Choice<T>, N>& choices) {
  const std::string name = object.text(key);
  std::string names;
  for (const auto& choice : choices) {
    if (name == choice.name) return choice.value;
    names += (names.empty() ? "" : " or ") + std::string(choice.name);
  }
  object.refuse(key, names);
}

template <typename T, std::size_t N>
const char* name_of(T value, const std::array<Choice<T>, N>& choices) {
  const auto* found = std::find_if(choices.begin(), choices.end(),
                                   [&](const auto& choice) { return choice.value == value; });
  return found->name;
}

// Why the parts of a description do not go together; empty when they do.
std::string contradiction(const TaskDescription& task) {
  const auto* problem = std::find_if(kProblems.begin(), kProblems.end(), [&](const Problem& known) {
    return known.name == task.problem;
  });
  if (task.task.empty()) return "'task' is empty";
  if (problem == kProblems.end()) return "'problem' " + printable(task.problem) + " is not known";
  const std::string named = "the problem " + task.problem;
  if (task.head.outputs != problem->outputs) {
    return named + " has outputs of another kind than 'head.outputs' says";
  }
  if (task.pairs && task.head.outputs != Outputs::kOfSequence) {
    return named + " is of no 'pairs' of texts";
  }
  const auto labels = static_cast<std::int64_t>(task.labels.size());
  if (!problem->has_labels && labels != 0) return named + " has no 'labels'";
  if (task.unseen_label != 0 && task.unseen_label >= labels) {
    return "'unseen_label' is none of the 'labels'";
  }
  if (task.head.size != (problem->has_labels ? labels : problem->size)) {
    return named + " with " + std::to_string(labels) + " 'labels' does not have a 'head.size' of " +
           std::to_string(task.head.size);
  }
  const std::set<std::string> distinct(task.labels.begin(), task.labels.end());
  if (distinct.size() != task.labels.size() || distinct.contains("")) {
    return "'labels' holds one twice or an empty one";
  }
  return "";
}

model::TaskHead read_head(const JsonObject& object) {
  object.allow_only({"outputs", "size", "pooling", "inner_size", "dropout"});
  return {.outputs = read_choice(object, "outputs", kOutputs),
          .size = object.whole("size", {1, 1 << 16}),
          .pooling = read_choice(object, "pooling", kPoolings),
          .inner_size = object.whole("inner_size", {0, 1 << 20}),
          .dropout = object.number("dropout", {0, 1})};
}

}  // namespace

std::string render_task(const TaskDescription& task) {
  if (const std::string why = contradiction(task); !why.empty()) {
    throw Error(ErrorCode::kInternal, "a task that cannot be described: " + why);
  }
  const model::TaskHead& head = task.head;
  const nlohmann::ordered_json json = {{"format", kFormat},
                                       {"version", kVersion},
                                       {"task", task.task},
                                       {"problem", task.problem},
                                       {"pairs", task.pairs},
                                       {"labels", task.labels},
                                       {"head",
                                        {{"outputs", name_of(head.outputs, kOutputs)},
                                         {"size", head.size},
                                         {"pooling", name_of(head.pooling, kPoolings)},
                                         {"inner_size", head.inner_size},
                                         {"dropout", head.dropout}}},
                                       {"max_length", task.max_length},
                                       {"second_separator", task.second_separator},
                                       {"unseen_label", task.unseen_label},
                                       {"always_answered", task.always_answered}};
  return json.dump(2) + "\n";
}

TaskDescription parse_task(std::string_view text, const std::string& where) {
  const nlohmann::json json = parse_strict_json(text, 4, where);
  const JsonObject object(json, where);
  if (object.text("format") != kFormat || object.whole("version", {0, 1 << 30}) != kVersion) {
    throw Error(ErrorCode::kData, where + ": the description of a task in an unknown version",
                "use the version of cram that wrote it");
  }
  object.allow_only({"format", "version", "task", "problem", "pairs", "labels", "head",
                     "max_length", "second_separator", "unseen_label", "always_answered"});
  TaskDescription task{.task = object.text("task"),
                       .problem = object.text("problem"),
                       .pairs = object.flag("pairs"),
                       .labels = object.texts("labels"),
                       .head = read_head(object.object("head")),
                       .max_length = object.whole("max_length", {1, 1 << 20}),
                       .second_separator = object.flag("second_separator"),
                       .unseen_label = object.whole("unseen_label", {0, 1 << 16}),
                       .always_answered = object.flag("always_answered")};
  if (const std::string why = contradiction(task); !why.empty()) {
    throw Error(ErrorCode::kData, where + ": " + why);
  }
  return task;
}

}  // namespace cram::checkpoint
