#include "recorded.h"

#include "cram/base/error.h"
#include "cram/glue/run_identity.h"
#include "cram/recipe/load.h"

#include "run_folders.h"

namespace cram::study {

bool is_of_recipe(const std::string& recorded, const recipe::Recipe& wanted) {
  if (recorded.empty()) return false;
  try {
    return recipe::have_same_result(recipe::parse(recorded, "record", {}, wanted.purpose), wanted);
  } catch (const Error&) {
    return false;
  }
}

bool is_of_model(const std::string& recorded, const recipe::StudyRun& run) {
  const auto model = run_folder(run) / "model";
  return !std::filesystem::exists(model) || glue::hash_of_model(model) == recorded;
}

}  // namespace cram::study
