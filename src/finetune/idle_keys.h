// Keys of a recipe that none of a run's tasks uses.
#pragma once

#include <vector>

#include "cram/finetune/finetune.h"
#include "cram/glue/example.h"

namespace cram::finetune {

// What decides which keys a task uses.
struct TaskForm {
  glue::Problem problem = glue::Problem::kClassification;
  bool pairs = false;
};

// Throws Error{kUsage} for a key that was set and that none of the tasks uses. Set is what an
// argument sets, and with a user's own data also what a recipe says other than the defaults; a
// recipe for GLUE is a protocol for all of its tasks, whichever of them a run does.
void refuse_idle_keys(const Request& request, const std::vector<TaskForm>& tasks);

}  // namespace cram::finetune
