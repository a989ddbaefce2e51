#include "recorded_recipe.h"

#include "cram/base/error.h"
#include "cram/recipe/load.h"

namespace cram::study {

bool is_of_recipe(const std::string& recorded, const recipe::Recipe& wanted) {
  if (recorded.empty()) return false;
  try {
    return recipe::have_same_result(recipe::parse(recorded, "record", {}, wanted.purpose), wanted);
  } catch (const Error&) {
    return false;
  }
}

}  // namespace cram::study
