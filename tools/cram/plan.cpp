// cram plan: from studies and the speed of this machine, which model to train in a given time.
#include "cram/plan/plan.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "cram/base/units.h"
#include "cram/plan/tables.h"
#include "cram/recipe/study.h"

#include "command.h"

namespace cram::tool {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string budget;
  std::vector<std::string> studies;
  std::string studies_folder = "studies";
  std::string config;
  std::vector<std::string> overrides;
  plan::Wishes wishes;
  bool json = false;
};

plan::Base read_base(const Options& options, const std::vector<recipe::Study>& studies) {
  std::vector<std::string> settings = options.overrides;
  settings.push_back("budget.time=" + options.budget);
  return options.config.empty() ? plan::base_of(studies.front(), settings)
                                : plan::base_of(options.config, settings);
}

int run(const Options& options) {
  std::vector<recipe::Study> studies;
  for (const std::string& file : options.studies) {
    studies.push_back(recipe::load_study(file, options.studies_folder));
  }
  const plan::Base base = read_base(options, studies);
  const plan::Evidence evidence = plan::gather(studies, base.recipe);
  const auto candidates = plan::make_candidates(base, options.wishes, evidence);
  const plan::Plan made =
      plan::make_plan(base.recipe.budget.time.value(), candidates,
                      plan::try_out_with(fs::read_symlink("/proc/self/exe"), base.file));
  const plan::Shown shown{made, evidence, base};
  std::cout << (options.json ? plan::to_json(shown) : plan::to_text(shown));
  return 0;
}

void add_wishes(CLI::App& command, plan::Wishes& wishes) {
  const auto add = [&](const char* name, std::vector<std::int64_t>& numbers, const char* help) {
    command.add_option(name, numbers, help)
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::Range(1, 1 << 30));
  };
  add("--width", wishes.widths, "Widths to choose from (half to twice the recipe's)");
  add("--layers", wishes.layers, "Numbers of layers to choose from (of the shapes studied)");
  add("--batch", wishes.batches, "Batches to choose from (all that were studied enough)");
  add("--vocabulary", wishes.vocabularies, "The same for vocabularies");
}

}  // namespace

void add_plan(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("plan",
                                         "Say which width, layers, batch and vocabulary fit a "
                                         "budget on this machine, with the held-out\n"
                                         "loss to expect and how sure that is: from the loss at "
                                         "the end of studied runs and from a few\n"
                                         "updates of each model, trained here and now.");
  auto options = std::make_shared<Options>();
  command->add_option("--budget", options->budget, "Time to train, such as 24h")
      ->required()
      ->check([](const std::string& text) {
        return parse_duration(text) ? "" : "'" + text + "' is no duration, such as 24h or 90m";
      });
  command
      ->add_option("--study", options->studies,
                   "A study that has run, such as configs/study/scaling.yaml; may be repeated")
      ->allow_extra_args(false)
      ->required();
  command->add_option("--output", options->studies_folder, "Where the studies are (studies)");
  command->add_option("-c,--config", options->config,
                      "The recipe to plan with, a YAML file (what the first study's runs share)");
  command->add_option("key=value", options->overrides, "Changes to the recipe");
  add_wishes(*command, options->wishes);
  command->add_flag("--json", options->json, "Print one JSON object");
  command->footer(
      "Example:\n"
      "  cram study configs/study/scaling.yaml\n"
      "  cram plan --budget 24h --study configs/study/scaling.yaml --width 256,384,512");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace cram::tool
