// The data sets of a request, read one at a time.
#pragma once

#include <optional>
#include <vector>

#include "cram/finetune/finetune.h"
#include "cram/glue/task.h"

namespace cram::finetune {

struct TaskData {
  const glue::Task* task = nullptr;  // null for a user's data set
  glue::DataSet data;
};

class TaskList {
 public:
  // Throws Error{kUsage} for names that are no task, for one that has no training data, and for
  // keys of the recipe that no task uses. All data are read once here, so that what is missing
  // shows before hours of training: Error{kData}. Of several tasks they are read again by next(),
  // since all at once are too large.
  explicit TaskList(const Request& request);

  // Throws Error{kData}.
  [[nodiscard]] std::optional<TaskData> next();

 private:
  using Tasks = std::vector<const glue::Task*>;

  [[nodiscard]] TaskData read(const glue::Task* task) const;

  const Request& request_;
  Tasks tasks_;                   // null for a user's data set
  std::optional<TaskData> kept_;  // of the only task, until next() gives it away
  std::size_t done_ = 0;
};

}  // namespace cram::finetune
