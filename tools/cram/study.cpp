// cram study: run the variants of a recipe side by side or in turn, and compare what comes out.
#include "cram/recipe/study.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/glue/task.h"
#include "cram/study/runner.h"
#include "cram/study/tables.h"
#include "cram/text/sources.h"
#include "cram/train/start.h"

#include "command.h"
#include "part.h"

namespace cram::tool {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string file;
  std::string output = "studies";
  std::vector<std::string> gpus;
  std::string part = "1/1";
  bool report_only = false;
};

// What is missing shows now and not after the first hour of training.
void check_tasks(const recipe::StudyGlue& glue, const std::string& file) {
  for (const std::string& task : glue.tasks) {
    if (glue::find_task(task) != nullptr) continue;
    throw Error(ErrorCode::kUsage, file + ": glue: '" + task + "' is no task of GLUE",
                "`cram finetune --help` names them");
  }
  if (fs::is_directory(glue.data)) return;
  throw Error(ErrorCode::kData, glue.data.string() + ": no folder with the tasks of GLUE",
              "'data' below 'glue' in " + file + " names it");
}

// Whatever is there so far.
void write_outcome(const recipe::Study& study, const fs::path& folder) {
  const std::vector<study::RunResult> runs = study::read_results(study);
  const study::Comparison comparison = study::compare(study, runs);
  fs::create_directories(folder);
  write_file_atomic(folder / "results.json", study::to_json(study, comparison, runs));
  write_file_atomic(folder / "results.md", study::to_markdown(comparison));
  write_file_atomic(folder / "report.html", study::to_html(study, comparison, runs));
  std::cout << study::to_text(comparison) << (folder / "report.html").string() << "\n";
}

int run(const Options& options) {
  const recipe::Study study = recipe::load_study(options.file, options.output, train::start_model);
  const fs::path folder = fs::path(options.output) / study.name;
  std::vector<study::FailedRun> failed;
  if (!options.report_only) {
    if (study.glue) check_tasks(*study.glue, options.file);
    if (!study.text.empty()) (void)text::find_sources(study.text);
    failed = study::run_study(study, {.program = fs::read_symlink("/proc/self/exe"),
                                      .log_folder = folder / "logs",
                                      .gpus = options.gpus,
                                      .part = read_part(options.part)});
  }
  write_outcome(study, folder);
  if (failed.empty()) return 0;
  const int code = failed.front().exit_code;
  const bool ours = code >= static_cast<int>(ErrorCode::kInternal) &&
                    code <= static_cast<int>(ErrorCode::kStorage);
  throw Error(ours ? static_cast<ErrorCode>(code) : ErrorCode::kInternal,
              std::to_string(failed.size()) + " of the runs failed, first " + failed.front().name,
              failed.front().log + " says why; the same command tries them again");
}

}  // namespace

void add_study(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "study",
      "Train the variants of a recipe, with several seeds, and compare them in one table and one\n"
      "page. The same command goes on where it stopped.");
  auto options = std::make_shared<Options>();
  command->add_option("file", options->file, "The study: a recipe, its variants and seeds")
      ->required();
  command->add_option("--output", options->output, "Where its folder goes (studies)");
  command
      ->add_option("--gpus", options->gpus,
                   "GPUs by number, such as 0,1: each serves one run at a time. Without: one run\n"
                   "at a time")
      ->delimiter(',');
  command->add_option("--part", options->part,
                      "Only these runs, such as 2/8: the second of eight machines or of a SLURM\n"
                      "array that share the folder (1/1)");
  command->add_flag("--report", options->report_only, "Train nothing, compare what is there");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace cram::tool
