// A study: one recipe, variants of it and seeds, from a YAML file to checked recipes.
//
//   name: architectures           # what its folder is called; else the file's name
//   recipe: ../pocket.yaml        # relative to this file
//   settings: [budget.time=20m]   # of every run, as on the command line
//   seeds: [0, 1, 2]              # of every variant that names none
//   target_loss: 4.6              # when is it reached? else: where the first variant ends
//   glue:                         # each model is fine-tuned as well
//     tasks: [sst2, rte]
//     data: data/glue             # their folder, as for `cram finetune --data`
//     recipe: ../glue-sane.yaml   # for fine-tuning; else the built-in one
//     settings: [finetune.seeds=1]
//   text: [data/wikipedia]        # each model is scored on the documents of these sources that all
//                                 # runs hold out, before selection; relative to the working folder
//   variants:                     # the first is what the others are compared with
//     as-it-is:
//     no-gate: [model.gated=false]
//     other:
//       recipe: ../quickstart.yaml
//       settings: [optimizer.type=adamw]
//       seeds: [0]
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cram/recipe/load.h"
#include "cram/recipe/recipe.h"

namespace cram::recipe {

// One run of a variant.
struct StudyRun {
  std::string variant;
  std::int64_t seed = 0;
  std::filesystem::path file;          // the recipe that it starts from …
  std::vector<std::string> settings;   // … what it changes there, the study's changes first …
  std::vector<std::string> overrides;  // … and the same with seed, name and folder
  Recipe recipe;                       // the outcome
};

// What each model is fine-tuned on, and how.
struct StudyGlue {
  std::vector<std::string> tasks;
  std::filesystem::path data;
  std::filesystem::path file;  // empty: the built-in recipe
  std::vector<std::string> settings;
  Recipe recipe;  // for fine-tuning, the outcome of the two
};

struct Study {
  std::string name;
  std::optional<double> target_loss;
  std::optional<StudyGlue> glue;
  std::vector<std::string> text;      // sources; empty: no text is scored
  std::vector<std::string> variants;  // in the file's order
  std::vector<StudyRun> runs;         // variant by variant, seed by seed
};

// Run folders are `studies_folder`/NAME/runs/VARIANT-SEED; `read_model` as for load(). Throws
// Error{kUsage} that lists what is wrong with the file, or with a variant's recipe, with places.
[[nodiscard]] Study load_study(const std::filesystem::path& file,
                               const std::filesystem::path& studies_folder,
                               const ReadModel& read_model = {});

}  // namespace cram::recipe
