// Whether what a folder holds is still what a study asks for.
#pragma once

#include <string>

#include "cram/recipe/recipe.h"
#include "cram/recipe/study.h"

namespace cram::study {

// `recorded`: the YAML that a run left, empty where it left none. Of keys that decide nothing, any
// value will do; a recipe that this program cannot read is another one.
[[nodiscard]] bool is_of_recipe(const std::string& recorded, const recipe::Recipe& wanted);

// `recorded`: glue::hash_of_model() of what was scored. A model that was taken away is no other
// one.
[[nodiscard]] bool is_of_model(const std::string& recorded, const recipe::StudyRun& run);

}  // namespace cram::study
