// What the subcommands share: each adds itself to the command line and leaves the action to run.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "cram/recipe/recipe.h"

namespace cram::tool {

// Returns the exit code; throws Error or Interrupted.
using Action = std::function<int()>;

// --config FILE and any number of key=value.
struct RecipeArguments {
  std::string file;
  std::vector<std::string> overrides;

  void add_to(CLI::App& command);
  // With `fresh`, what an old run of the name holds is passed over.
  [[nodiscard]] recipe::Recipe load(recipe::Purpose purpose = recipe::Purpose::kPretraining,
                                    bool fresh = false) const;
};

// The options of fine-tuning, of `cram finetune` and of `glue-finetune`, and the work itself.
void add_finetune_options(CLI::App& command, Action& action);

// --device, where there is no recipe to say it.
void add_device_option(CLI::App& command, recipe::Device& device);

void add_pretrain(CLI::App& app, Action& action);
void add_prepare(CLI::App& app, Action& action);
void add_finetune(CLI::App& app, Action& action);
void add_predict(CLI::App& app, Action& action);
void add_evaluate(CLI::App& app, Action& action);
void add_fill_mask(CLI::App& app, Action& action);
void add_tokenize(CLI::App& app, Action& action);
void add_corpus(CLI::App& app, Action& action);
void add_recipe(CLI::App& app, Action& action);
void add_export(CLI::App& app, Action& action);
void add_import(CLI::App& app, Action& action);
void add_report(CLI::App& app, Action& action);
void add_study(CLI::App& app, Action& action);
void add_plan(CLI::App& app, Action& action);
void add_doctor(CLI::App& app, Action& action);

}  // namespace cram::tool
