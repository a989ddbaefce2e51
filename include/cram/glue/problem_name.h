// Problems by name, as files and the command line write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cram/glue/example.h"

namespace cram::glue {

// "classification", "regression", "token-labels" or "span".
[[nodiscard]] const char* name(Problem problem);
[[nodiscard]] std::optional<Problem> find_problem(std::string_view name);

}  // namespace cram::glue
