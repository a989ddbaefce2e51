// cram pretrain: train to the end of the budget, or go on with what was interrupted.
#include "cram/train/pretrain.h"

#include <cmath>
#include <cstdio>
#include <iostream>

#include "cram/base/units.h"
#include "cram/recipe/load.h"
#include "cram/train/dry_run.h"

#include "command.h"

namespace cram::tool {
namespace {

struct Options {
  RecipeArguments recipe;
  train::OpenOptions open;
  bool dry_run = false;
  bool json = false;
  std::string profile;
};

void print_score(const train::Score& score) {
  std::printf("held-out loss      %.4f nats a masked token (perplexity %.2f)\n", score.loss,
              std::exp(score.loss));
  std::printf("held-out accuracy  %.2f %% of %s masked tokens\n", 100 * score.accuracy,
              format_count(score.masked_tokens).c_str());
}

void print_result(const train::PretrainResult& result) {
  const train::Position& position = result.outcome.position;
  if (result.outcome.score) print_score(*result.outcome.score);
  std::printf("trained            %s updates, %s tokens in %s\n",
              format_count(position.step).c_str(), format_count(position.tokens).c_str(),
              format_clock(position.spent).c_str());
  std::printf("run folder         %s\n", result.paths.root.c_str());
  std::printf("model              %s\n", result.paths.model().c_str());
}

int run(const Options& options) {
  const recipe::Recipe recipe =
      options.recipe.load(recipe::Purpose::kPretraining, options.open.fresh);
  if (options.dry_run) {
    const train::DryRunReport report = train::dry_run(recipe, options.open, options.profile);
    std::cout << (options.json ? train::to_json(report) + "\n" : train::to_text(report));
    return 0;
  }
  const train::PretrainResult result = train::pretrain(recipe, options.open);
  if (result.outcome.signal != 0) return 128 + result.outcome.signal;
  print_result(result);
  return 0;
}

}  // namespace

void add_pretrain(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "pretrain",
      "Train a model from raw text. Prepares the text if needed, trains until the budget is\n"
      "spent and leaves the model in the run folder. The same command goes on with a run that was\n"
      "interrupted.");
  auto options = std::make_shared<Options>();
  options->recipe.add_to(*command);
  auto* dry_run =
      command->add_flag("--dry-run", options->dry_run,
                        "Check everything, measure the speed, say what the budget buys, and stop");
  command->add_flag("--json", options->json, "With --dry-run: print one JSON object")
      ->needs(dry_run);
  command
      ->add_option("--profile", options->profile,
                   "With --dry-run: record an update's operations into this file, as a trace for\n"
                   "chrome://tracing, and print where the time goes")
      ->needs(dry_run);
  command->add_flag("--fresh", options->open.fresh,
                    "Set an old run of this name aside and start over");
  command->add_option("--allow-change", options->open.allowed_changes,
                      "Go on with an old run although this recipe key has changed (repeatable)");
  command->footer([] { return recipe::help_text(); });
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace cram::tool
