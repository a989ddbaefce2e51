// The folder of a run: all that is needed to understand, repeat and use it.
//
//   recipe.yaml (resolved)  build.json  events.jsonl  tensorboard/  report.html  run.lock
//   checkpoints/step-…/     model/      tokenizer/ (of the model that model.from named)
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cram/base/file.h"
#include "cram/recipe/recipe.h"
#include "cram/report/events.h"

namespace cram::train {

struct RunPaths {
  std::filesystem::path root;

  [[nodiscard]] std::filesystem::path recipe() const { return root / "recipe.yaml"; }
  [[nodiscard]] std::filesystem::path build() const { return root / "build.json"; }
  [[nodiscard]] std::filesystem::path events() const { return root / "events.jsonl"; }
  [[nodiscard]] std::filesystem::path tensorboard() const { return root / "tensorboard"; }
  [[nodiscard]] std::filesystem::path checkpoints() const { return root / "checkpoints"; }
  [[nodiscard]] std::filesystem::path model() const { return root / "model"; }
  [[nodiscard]] std::filesystem::path tokenizer() const { return root / "tokenizer"; }
  [[nodiscard]] std::filesystem::path lock() const { return root / "run.lock"; }
};

[[nodiscard]] RunPaths run_paths(const recipe::Recipe& recipe);

// What the user allows on opening a folder that holds a run.
struct OpenOptions {
  bool fresh = false;                        // set the old run aside and start over
  std::vector<std::string> allowed_changes;  // recipe keys that may differ from the old run's
};

// Makes the folder and holds it for this process. Throws Error{kStorage} when another process holds
// it.
[[nodiscard]] std::unique_ptr<FileLock> claim_folder(const RunPaths& paths);

// The same with a new folder; the one that is there is set aside, unless another process holds it.
[[nodiscard]] std::unique_ptr<FileLock> claim_new_folder(const RunPaths& paths);

// Removes what a process that was killed while it wrote `folder`/model or /tokenizer left there.
void remove_partial_models(const std::filesystem::path& folder);

// The sinks of a run: its events.jsonl, the terminal and, where wanted, TensorBoard files.
[[nodiscard]] std::unique_ptr<report::EventSink> open_events(
    const recipe::Logging& logging, const std::filesystem::path& events,
    const std::filesystem::path& tensorboard);

// Whether there is a model or a checkpoint. A run that never saved anything has nothing to lose and
// may begin again with any recipe.
[[nodiscard]] bool holds_run(const RunPaths& paths);

// Throws Error{kUsage} when the folder holds a run of another recipe; changes nothing.
void check_run_folder(const recipe::Recipe& recipe, const OpenOptions& options);

// Holds the run's folder for this process. Throws Error{kStorage} when another process holds it,
// and Error{kUsage} when the folder holds a run of another recipe, listing the keys that differ.
// Keys that change no weight (logging, checkpoints, threads, …) may always differ.
class RunFolder {
 public:
  RunFolder(const recipe::Recipe& recipe, const OpenOptions& options);

  [[nodiscard]] const RunPaths& paths() const { return paths_; }
  // True when the folder held a run of this recipe that may be continued.
  [[nodiscard]] bool continues() const { return continues_; }

 private:
  RunPaths paths_;
  bool continues_ = false;
  std::unique_ptr<FileLock> lock_;
};

}  // namespace cram::train
