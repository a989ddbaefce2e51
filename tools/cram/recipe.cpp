// cram recipe: check, show, compare recipes, and describe what may stand in them.
#include <cstdio>
#include <fstream>
#include <iostream>

#include "cram/recipe/load.h"

#include "command.h"

namespace cram::tool {
namespace {

int check(const RecipeArguments& arguments) {
  (void)arguments.load();
  std::cout << arguments.file << ": good\n";
  return 0;
}

int show(const RecipeArguments& arguments) {
  std::cout << recipe::to_yaml(arguments.load());
  return 0;
}

int diff(const std::string& left, const std::string& right) {
  for (const recipe::Difference& difference :
       recipe::differences(recipe::load(left), recipe::load(right))) {
    std::cout << difference.key << ": " << difference.left << " -> " << difference.right << '\n';
  }
  return 0;
}

void add_with_recipe(CLI::App& parent, const std::string& name, const std::string& description,
                     Action& action, int (*run)(const RecipeArguments&)) {
  CLI::App* command = parent.add_subcommand(name, description);
  auto arguments = std::make_shared<RecipeArguments>();
  arguments->add_to(*command);
  command->callback(
      [arguments, run, &action] { action = [arguments, run] { return run(*arguments); }; });
}

void add_printer(CLI::App& parent, const std::string& name, const std::string& description,
                 Action& action, std::string (*text)()) {
  parent.add_subcommand(name, description)->callback([text, &action] {
    action = [text] {
      std::cout << text();
      return 0;
    };
  });
}

}  // namespace

void add_recipe(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("recipe", "Check, show, compare and describe recipes.");
  command->require_subcommand(1);
  add_with_recipe(*command, "check", "Report everything that is wrong with a recipe.", action,
                  check);
  add_with_recipe(*command, "show", "Print the recipe with base: and key=value resolved.", action,
                  show);
  add_printer(*command, "schema", "Print the JSON Schema, for completion in editors.", action,
              recipe::json_schema);
  add_printer(*command, "template", "Print every key with its default and what it means.", action,
              recipe::template_yaml);
  add_printer(*command, "keys", "Print every key with type, default and range.", action,
              recipe::help_text);
  CLI::App* differ = command->add_subcommand("diff", "Print the keys in which two recipes differ.");
  auto files = std::make_shared<std::array<std::string, 2>>();
  differ->add_option("left", (*files)[0])->required();
  differ->add_option("right", (*files)[1])->required();
  differ->callback(
      [files, &action] { action = [files] { return diff((*files)[0], (*files)[1]); }; });
}

}  // namespace cram::tool
