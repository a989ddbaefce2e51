#include "cram/recipe/load.h"
#include "cram/train/start.h"

#include "command.h"

namespace cram::tool {

void RecipeArguments::add_to(CLI::App& command) {
  command.add_option("-c,--config", file, "The recipe, a YAML file")->required();
  command.add_option("key=value", overrides,
                     "Changes to the recipe, such as budget.time=2h data.sources=my-folder");
}

void add_device_option(CLI::App& command, recipe::Device& device) {
  const std::string forms = "auto, cpu, cuda or cuda:N";
  command.add_option("--device", device.type, forms)
      ->check([forms](const std::string& text) {
        return recipe::is_device(text) ? "" : "'" + text + "' is not one of " + forms;
      })
      ->capture_default_str();
}

recipe::Recipe RecipeArguments::load(recipe::Purpose purpose, bool fresh) const {
  return recipe::load(file, overrides, purpose,
                      fresh ? train::fresh_start_model : train::start_model);
}

}  // namespace cram::tool
