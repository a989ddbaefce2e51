// The options of fine-tuning, shared by `cram finetune` and `glue-finetune`.
#include <iostream>

#include "cram/base/error.h"
#include "cram/finetune/finetune.h"
#include "cram/glue/problem_name.h"
#include "cram/recipe/load.h"

#include "command.h"

namespace cram::tool {
namespace {

struct Options {
  std::string config;
  std::vector<std::string> overrides;
  std::string checkpoint;
  bool untrained = false;
  std::vector<std::string> tasks;
  std::string data = "data/glue";
  glue::LabelledFiles files;
  std::string problem;
  std::string output;
  finetune::Fresh fresh = finetune::Fresh::kNever;
  bool json = false;
};

recipe::Recipe load_recipe(const Options& options) {
  constexpr auto kPurpose = recipe::Purpose::kFineTuning;
  if (!options.config.empty()) return recipe::load(options.config, options.overrides, kPurpose);
  return recipe::parse("", "the built-in recipe", options.overrides, kPurpose);
}

finetune::Request make_request(const Options& options) {
  finetune::Request request;
  request.recipe = load_recipe(options);
  for (const std::string& argument : options.overrides) {
    request.arguments.push_back(argument.substr(0, argument.find('=')));
  }
  request.checkpoint = options.checkpoint;
  request.start = options.untrained ? finetune::Start::kUntrained : finetune::Start::kPretrained;
  request.tasks = options.tasks;
  request.data = options.data;
  if (!options.files.train.empty()) {
    request.files = options.files;
    if (!options.problem.empty()) request.files->problem = glue::find_problem(options.problem);
    request.files->seed = static_cast<std::uint64_t>(request.recipe.seed);
  }
  request.output = options.output;
  request.fresh = options.fresh;
  return request;
}

int run(const Options& options) {
  const finetune::Result result = finetune::finetune(make_request(options));
  if (result.signal != 0) return 128 + result.signal;
  std::cout << (options.json ? glue::to_json(result.tasks) : glue::to_text(result.tasks));
  const int code = result.diverged() ? static_cast<int>(ErrorCode::kDiverged) : 0;
  if (options.json) return code;
  std::cout << "\nrun folder  " << result.folder.string() << "\nreport      "
            << (result.folder / "report.html").string() << '\n';
  return code;
}

void add_own_data(CLI::App& command, Options& options) {
  const char* group = "Your own data";
  auto* train = command.add_option("--train", options.files.train,
                                   ".tsv, .csv, .jsonl; CoNLL for words; SQuAD's .json for spans");
  train->group(group);
  const auto add = [&](const char* name, std::string& value, const char* text) {
    return command.add_option(name, value, text)->needs(train)->group(group);
  };
  add("--dev", options.files.dev, "To score on; without it a tenth of --train is kept back");
  add("--test", options.files.test, "To predict at the end");
  add("--first-column", options.files.columns.first, "Column or field of the (first) text");
  add("--second-column", options.files.columns.second, "Column or field of the second text");
  add("--label-column", options.files.columns.label, "Column or field of the label or score");
  add("--problem", options.problem, "What is asked; without it the data tell")
      ->check(CLI::IsMember({"classification", "regression", "token-labels", "span"}));
  command.add_option("--labels", options.files.labels, "The labels in their order, between commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->needs(train)
      ->group(group);
}

}  // namespace

void add_finetune_options(CLI::App& command, Action& action) {
  auto options = std::make_shared<Options>();
  command
      .add_option("--checkpoint", options->checkpoint,
                  "A run folder, a model folder, or a Hugging Face folder of a BERT")
      ->required();
  command.add_flag("--untrained", options->untrained,
                   "Start from fresh weights of the same model: the floor");
  auto* tasks = command.add_option("--task,--tasks", options->tasks,
                                   "mnli, sst2, stsb, rte, qnli, qqp, mrpc, cola, wnli; several "
                                   "between commas; or all");
  tasks->delimiter(',')->allow_extra_args(false);
  auto* data = command.add_option("--data", options->data, "Folder of the GLUE tasks");
  data->capture_default_str()->needs(tasks);
  command.add_option("-c,--config", options->config,
                     "A recipe for fine-tuning (without one: that of configs/glue-sane.yaml)");
  command.add_option("--output", options->output,
                     "Folder of the run (RUNS_FOLDER/CHECKPOINT-NAME)");
  const auto add_fresh = [&](const char* name, finetune::Fresh fresh, const char* text) {
    return command.add_flag_callback(
        name, [options, fresh] { options->fresh = fresh; }, text);
  };
  auto* fresh =
      add_fresh("--fresh", finetune::Fresh::kAlways, "Set an old run in that folder aside");
  add_fresh("--fresh-if-other", finetune::Fresh::kIfOther,
            "The same, where it is of another recipe or checkpoint")
      ->excludes(fresh);
  command.add_flag("--json", options->json, "Print the results as JSON");
  command.add_option("key=value", options->overrides,
                     "Changes to the recipe, such as finetune.epochs=3 finetune.seeds=1");
  add_own_data(command, *options);
  command.footer([] { return recipe::help_text(recipe::Purpose::kFineTuning); });
  command.callback([options, &action] {
    if (options->tasks.empty() == options->files.train.empty()) {
      throw CLI::ValidationError("--task", "give either --task or --train");
    }
    action = [options] { return run(*options); };
  });
}

}  // namespace cram::tool
