#include "cram/recipe/load.h"

#include "command.h"

namespace cram::tool {

void RecipeArguments::add_to(CLI::App& command) {
  command.add_option("-c,--config", file, "The recipe, a YAML file")->required();
  command.add_option("key=value", overrides,
                     "Changes to the recipe, such as budget.time=2h data.sources=my-folder");
}

recipe::Recipe RecipeArguments::load() const { return recipe::load(file, overrides); }

}  // namespace cram::tool
