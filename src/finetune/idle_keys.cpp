#include "idle_keys.h"

#include <algorithm>
#include <array>

#include "cram/base/error.h"
#include "cram/recipe/load.h"

namespace cram::finetune {
namespace {

using recipe::FineTuning;

bool is_of_texts(const TaskForm& task) {
  return task.problem == glue::Problem::kClassification ||
         task.problem == glue::Problem::kRegression;
}

bool is_of_lone_texts(const TaskForm& task) {
  return !task.pairs && task.problem != glue::Problem::kSpan;
}

struct TaskKey {
  const char* path;
  const char* need;  // completes "it needs"
  bool (*is_used)(const TaskForm& task);
  bool (*is_default)(const FineTuning& now, const FineTuning& defaults);
};

constexpr std::array<TaskKey, 3> kKeys = {
    {{"finetune.pooling", "a class or a score for a whole text", is_of_texts,
      [](const FineTuning& now, const FineTuning& defaults) {
        return now.pooling == defaults.pooling;
      }},
     {"finetune.head_size", "a class or a score for a whole text", is_of_texts,
      [](const FineTuning& now, const FineTuning& defaults) {
        return now.head_size == defaults.head_size;
      }},
     {"finetune.second_separator", "texts that are no pairs", is_of_lone_texts,
      [](const FineTuning& now, const FineTuning& defaults) {
        return now.second_separator == defaults.second_separator;
      }}}};

bool is_set(const TaskKey& key, const Request& request) {
  const auto& arguments = request.arguments;
  if (std::find(arguments.begin(), arguments.end(), key.path) != arguments.end()) return true;
  const recipe::Recipe defaults = recipe::defaults(recipe::Purpose::kFineTuning);
  return request.files && !key.is_default(request.recipe.finetune, defaults.finetune);
}

}  // namespace

void refuse_idle_keys(const Request& request, const std::vector<TaskForm>& tasks) {
  for (const TaskKey& key : kKeys) {
    if (!is_set(key, request) || std::any_of(tasks.begin(), tasks.end(), key.is_used)) continue;
    throw Error(ErrorCode::kUsage,
                "'" + std::string(key.path) + "' has no effect here: it needs " + key.need,
                "leave it out");
  }
}

}  // namespace cram::finetune
