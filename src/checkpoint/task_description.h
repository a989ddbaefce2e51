// task.json of a fine-tuned model's folder.
#pragma once

#include <string>
#include <string_view>

#include "cram/checkpoint/task_folder.h"

namespace cram::checkpoint {

// Throws Error{kInternal} for a description that parse_task would refuse.
[[nodiscard]] std::string render_task(const TaskDescription& task);

// Throws Error{kData}, naming `where` and the key, for anything but what render_task writes.
[[nodiscard]] TaskDescription parse_task(std::string_view json, const std::string& where);

}  // namespace cram::checkpoint
