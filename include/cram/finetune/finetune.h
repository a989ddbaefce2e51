// `cram finetune`: a pretrained model on tasks with labels, several seeds each, and a table.
//
// The folder of a run:
//   recipe.yaml  build.json  run.json (what it starts from)  events.jsonl  tensorboard/  run.lock
//   results.json  results.csv  results.md  report.html  submission.zip (GLUE's test sets)
//   TASK/seed-N/result.json   TASK/model/ (of the seed nearest to the median)   TASK/predictions/
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cram/finetune/pretrained.h"
#include "cram/glue/labelled_file.h"
#include "cram/glue/score_table.h"
#include "cram/recipe/recipe.h"

namespace cram::finetune {

// When an old run in the folder of a request is set aside.
enum class Fresh {
  kNever,
  kIfOther,  // where it is of another recipe or checkpoint and so cannot go on
  kAlways
};

struct Request {
  recipe::Recipe recipe;                    // for fine-tuning
  std::vector<std::string> arguments = {};  // keys of it that were set for this run alone
  std::filesystem::path checkpoint;
  Start start = Start::kPretrained;
  std::vector<std::string> tasks;            // of GLUE, by name; or "all"; or instead:
  std::optional<glue::LabelledFiles> files;  // a user's own data
  std::string data = "data/glue";            // folder of the GLUE tasks
  std::filesystem::path output;              // empty: <runs_folder>/<checkpoint>-<name>
  Fresh fresh = Fresh::kNever;
};

struct Result {
  int signal = 0;                       // that stopped the run, or 0
  std::vector<glue::TaskScores> tasks;  // all that have a finished job in the folder
  std::filesystem::path folder;

  // Whether a seed of one of them has no score because its loss was not finite any more.
  [[nodiscard]] bool diverged() const;
};

// Does all tasks and seeds in turn. A seed that diverges has NaN for scores, and the others go on.
// What the folder holds already is not done again: a run that was interrupted goes on, and one with
// more seeds or other tasks adds to it. Throws Error{kUsage} for unknown tasks, for keys that
// none of them uses, and for a folder that holds a run of another recipe, checkpoint or data; Error
// and Interrupted otherwise, as its parts.
[[nodiscard]] Result finetune(const Request& request);

// Where the run of a request is.
[[nodiscard]] std::filesystem::path output_folder(const Request& request);

}  // namespace cram::finetune
