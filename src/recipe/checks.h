// What keys must satisfy together, beyond their own limits.
#pragma once

#include <string>
#include <vector>

#include "cram/recipe/recipe.h"

namespace cram::recipe {

struct Check {
  std::vector<std::string> keys;                 // that take part
  std::string (*problem)(const Recipe& recipe);  // empty when all is well
};

[[nodiscard]] const std::vector<Check>& checks();

}  // namespace cram::recipe
