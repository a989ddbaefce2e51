#include "task_list.h"

#include <algorithm>
#include <utility>

#include "cram/base/error.h"

#include "idle_keys.h"

namespace cram::finetune {
namespace {

bool has_training_data(const glue::Task& task) {
  return std::any_of(task.official.begin(), task.official.end(),
                     [](const glue::OfficialRows& rows) { return rows.split == "train"; });
}

std::vector<const glue::Task*> all_tasks() {
  std::vector<const glue::Task*> list;
  for (const glue::Task& task : glue::tasks()) {
    if (has_training_data(task)) list.push_back(&task);
  }
  return list;
}

std::string known_tasks() {
  std::string names;
  for (const glue::Task* task : all_tasks()) names += task->name + ", ";
  return names + "or all";
}

const glue::Task* find(const std::string& name) {
  const glue::Task* task = glue::find_task(name);
  if (task == nullptr) {
    throw Error(ErrorCode::kUsage, "there is no task '" + name + "'", "tasks are " + known_tasks());
  }
  if (!has_training_data(*task)) {
    throw Error(ErrorCode::kUsage, task->title + " has no training data",
                "fine-tuning mnli predicts it as well");
  }
  return task;
}

std::vector<const glue::Task*> wanted_tasks(const std::vector<std::string>& names) {
  std::vector<const glue::Task*> list;
  bool all = false;
  for (const std::string& name : names) {
    if (name == "all") {
      all = true;
      continue;
    }
    const glue::Task* task = find(name);
    if (std::find(list.begin(), list.end(), task) == list.end()) list.push_back(task);
  }
  return all ? all_tasks() : list;
}

}  // namespace

TaskList::TaskList(const Request& request)
    : request_(request), tasks_(request.files ? Tasks{nullptr} : wanted_tasks(request.tasks)) {
  std::vector<TaskForm> forms;
  for (const glue::Task* task : tasks_) {
    TaskData data = read(task);
    forms.push_back({data.data.problem, data.data.pairs});
    if (tasks_.size() == 1) kept_ = std::move(data);
  }
  refuse_idle_keys(request, forms);
}

std::optional<TaskData> TaskList::next() {
  if (done_ == tasks_.size()) return std::nullopt;
  const glue::Task* task = tasks_[done_++];
  if (!kept_) return read(task);
  return std::exchange(kept_, std::nullopt);
}

TaskData TaskList::read(const glue::Task* task) const {
  if (task == nullptr) return {nullptr, glue::read_labelled_files(*request_.files)};
  return {task, glue::read_task(*task, request_.data)};
}

}  // namespace cram::finetune
