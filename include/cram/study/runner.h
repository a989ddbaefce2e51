// Runs what is left of a study: a `cram pretrain` for each run and, where the study asks for them,
// a `cram evaluate` and a `cram finetune` behind it, in processes of their own, so that one that
// fails leaves the others alone.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cram/base/part.h"
#include "cram/recipe/study.h"

namespace cram::study {

struct RunnerOptions {
  std::filesystem::path program;     // cram itself
  std::filesystem::path log_folder;  // what a run says goes to VARIANT-SEED.log there, appended
  // GPUs by number: each serves a run at a time. Empty: one run at a time on whatever is there.
  std::vector<std::string> gpus;
  Part part;  // only each part.count-th run, from number part.number on
};

struct FailedRun {
  std::string name, log;
  int exit_code;  // 128 + signal where that ended it
};

// Returns the runs that failed. When this process is asked to stop, so are the runs, which save
// what they have; then Interrupted is thrown. Throws Error{kInternal} where no process can start.
[[nodiscard]] std::vector<FailedRun> run_study(const recipe::Study& study,
                                               const RunnerOptions& options);

}  // namespace cram::study
