#include "folder_files.h"

#include "cram/base/file.h"
#include "cram/checkpoint/model_folder.h"
#include "cram/recipe/load.h"

namespace cram::checkpoint {

void write_recipe(const std::filesystem::path& folder, const recipe::Recipe& recipe) {
  if (recipe.data.sources.empty() && is_original_bert(recipe.model)) return;
  write_file_atomic(folder / kRecipeFile, recipe::to_yaml(recipe));
}

}  // namespace cram::checkpoint
