#include "folder_files.h"

#include <algorithm>

#include "cram/base/file.h"
#include "cram/recipe/load.h"

namespace cram::checkpoint {

bool is_plain_name(const std::string& name) {
  constexpr const char* kCharacters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-";
  return !name.starts_with('.') && name.find_first_not_of(kCharacters) == std::string::npos;
}

NamedTensors named_by(const Family* family, const recipe::Model& model, const NamedTensors& weights,
                      TaskOutputs outputs) {
  if (family == nullptr) return weights;
  return to_their_names(family->names(model), weights, model.layers, outputs);
}

std::int64_t most_positions(const recipe::Recipe& recipe) {
  return std::max(recipe.model.max_positions, recipe.sequence.length);
}

std::int64_t most_tokens(const recipe::Recipe& recipe, std::optional<std::int64_t> said) {
  const std::int64_t positions = most_positions(recipe);
  return std::min(said.value_or(positions), positions);
}

void write_recipe(const std::filesystem::path& folder, const recipe::Recipe& recipe) {
  if (recipe.data.sources.empty() && family_expressing(recipe.model) != nullptr) return;
  write_file_atomic(folder / kRecipeFile, recipe::to_yaml(recipe));
}

}  // namespace cram::checkpoint
