// cram export and cram import: a model written anew as a model folder.
#include "cram/finetune/export.h"

#include <cstdio>

#include "cram/text/printable.h"
#include "cram/train/export.h"

#include "command.h"

namespace cram::tool {
namespace {

constexpr std::size_t kWidest = 200;  // bytes of a value

struct Options {
  std::string source, task, output;
};

int run(const Options& options) {
  const checkpoint::ModelCard card =
      finetune::is_finetuned(options.source)
          ? finetune::export_task_model(options.source, options.task, options.output)
          : train::export_model(options.source, options.output);
  for (const checkpoint::Fact& fact : card.model) {
    std::printf("%-16s %s\n", fact.name.c_str(), text::printable(fact.value, kWidest).c_str());
  }
  std::printf("%-16s %s\n", "written to", options.output.c_str());
  std::printf("%-16s %s%s\n", "load it with", loading_line(card, options.output).c_str(),
              card.stock ? "" : "  (no class of transformers computes it)");
  return 0;
}

void finish(CLI::App& command, const std::shared_ptr<Options>& options, Action& action) {
  command
      .add_option("--output", options->output,
                  "The folder to write; a model folder of cram's that is there becomes NAME.1")
      ->required();
  command.callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace

void add_export(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "export", "Write the model of a run as a folder of its own, also while it is unfinished.");
  auto options = std::make_shared<Options>();
  command->add_option("--checkpoint", options->source, "A run folder or a model folder")
      ->required();
  command->add_option("--task", options->task, "Of a run of `cram finetune`: which of its tasks");
  finish(*command, options, action);
}

void add_import(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "import", "Check a Hugging Face folder, say what is in it and write it as a model folder.");
  auto options = std::make_shared<Options>();
  command->add_option("folder", options->source, "The folder of another program")->required();
  finish(*command, options, action);
}

}  // namespace cram::tool
