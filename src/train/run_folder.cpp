#include "cram/train/run_folder.h"

#include <algorithm>

#include "cram/base/error.h"
#include "cram/base/log.h"
#include "cram/base/set_aside.h"
#include "cram/recipe/load.h"

namespace cram::train {
namespace {

namespace fs = std::filesystem;

bool holds_checkpoints(const RunPaths& paths) {
  return fs::exists(paths.checkpoints()) && !fs::is_empty(paths.checkpoints());
}

// A run that begins again because its checkpoints were taken away does not do so silently.
void warn_of_lost_checkpoints(const RunPaths& paths) {
  if (fs::exists(paths.model()) || holds_checkpoints(paths) || !fs::exists(paths.events())) return;
  if (read_file(paths.events()).find("\"event\":\"checkpoint\"") == std::string::npos) return;
  log::warning(paths.root.string() + ": the checkpoints of this run are gone; it starts over");
}

void check_changes(const recipe::Recipe& recipe, const RunPaths& paths,
                   const std::vector<std::string>& allowed) {
  if (!fs::exists(paths.recipe())) {
    throw Error(ErrorCode::kUsage,
                paths.root.string() + " holds a run, but not the recipe.yaml that it was made with",
                "put the file back, give this run another name=, or --fresh to set the old one "
                "aside");
  }
  std::string refused;
  for (const recipe::Difference& change :
       recipe::differences(recipe::load(paths.recipe()), recipe)) {
    const std::string line = "  " + change.key + ": " + change.left + " -> " + change.right;
    // Without a checkpoint there is nothing that could go on with a change.
    const bool fixed = !holds_checkpoints(paths) || change.decides == recipe::Decides::kState;
    const bool named = std::find(allowed.begin(), allowed.end(), change.key) != allowed.end();
    if (change.decides == recipe::Decides::kNothing || (named && !fixed)) {
      log::info("continuing with a changed recipe:" + line);
    } else {
      refused += "\n" + line + (fixed ? "  (fixed for a run)" : "");
    }
  }
  if (refused.empty()) return;
  throw Error(ErrorCode::kUsage,
              paths.root.string() + " holds a run of another recipe; what differs:" + refused,
              "give this run another name=, or --fresh to set the old one aside, or "
              "--allow-change KEY for keys that are not fixed");
}

}  // namespace

RunPaths run_paths(const recipe::Recipe& recipe) {
  return {fs::path(recipe.runs_folder) / recipe.name};
}

bool holds_run(const RunPaths& paths) {
  return fs::exists(paths.model()) || holds_checkpoints(paths);
}

void check_run_folder(const recipe::Recipe& recipe, const OpenOptions& options) {
  const RunPaths paths = run_paths(recipe);
  if (options.fresh || !holds_run(paths)) return;
  check_changes(recipe, paths, options.allowed_changes);
}

void remove_partial_models(const fs::path& root) {
  for (const fs::path& entry : fs::directory_iterator(root)) {
    std::error_code ignored;
    const std::string name = entry.filename().string();
    const bool partial =
        name.starts_with(".model.partial-") || name.starts_with(".tokenizer.partial-");
    if (partial) fs::remove_all(entry, ignored);
  }
}

std::unique_ptr<FileLock> claim_folder(const RunPaths& paths) {
  make_folders(paths.root);
  return std::make_unique<FileLock>(paths.lock());
}

std::unique_ptr<FileLock> claim_new_folder(const RunPaths& paths) {
  const auto old = claim_folder(paths);
  log::info("the old run is now " + set_aside(paths.root).string());
  return claim_folder(paths);
}

std::unique_ptr<report::EventSink> open_events(const recipe::Logging& logging,
                                               const fs::path& events,
                                               const fs::path& tensorboard) {
  std::vector<std::unique_ptr<report::EventSink>> sinks;
  sinks.push_back(report::make_patient(report::make_jsonl_sink(events)));
  sinks.push_back(report::make_terminal_sink());
  if (logging.tensorboard) {
    sinks.push_back(report::make_patient(report::make_tensorboard_sink(tensorboard)));
  }
  return report::make_tee(std::move(sinks));
}

RunFolder::RunFolder(const recipe::Recipe& recipe, const OpenOptions& options)
    : paths_(run_paths(recipe)) {
  const bool starts_over = options.fresh && holds_run(paths_);
  lock_ = starts_over ? claim_new_folder(paths_) : claim_folder(paths_);
  remove_partial_models(paths_.root);
  continues_ = holds_run(paths_);
  if (continues_) check_changes(recipe, paths_, options.allowed_changes);
  warn_of_lost_checkpoints(paths_);
  write_file_atomic(paths_.recipe(), recipe::to_yaml(recipe));
}

}  // namespace cram::train
