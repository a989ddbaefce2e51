// One task with one seed: from the pretrained model to a score, in a folder of its own.
//
//   result.json  checkpoints/ (while it is unfinished)  model/
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cram/finetune/pretrained.h"
#include "cram/finetune/workload.h"
#include "cram/glue/metrics.h"
#include "cram/glue/score_page.h"
#include "cram/glue/score_table.h"
#include "cram/recipe/recipe.h"
#include "cram/report/events.h"

namespace cram::finetune {

// What all jobs of a run share; outlives them.
struct JobParts {
  const recipe::Recipe& recipe;  // for fine-tuning
  const Pretrained& pretrained;
  const Workload& workload;
  const model::Placement& placement;
  report::EventSink& events;
  const Clock& clock;
  std::string environment;  // JSON object: what the arithmetic depends on beside the recipe
};

struct JobResult {
  glue::SeedScore score;
  glue::Confusion confusion;  // on the first dev split; empty unless labels are asked for
  std::vector<glue::WorstError> errors;  // there, the surest first
};

struct JobOutcome {
  int signal = 0;    // that stopped the job, or 0
  JobResult result;  // when it came to its end
};

// What came of the job in `folder`; nothing while it is unfinished. Throws Error{kData} when the
// file is damaged.
[[nodiscard]] std::optional<JobResult> finished_job(const std::filesystem::path& folder);

// Does the job in `folder`, or goes on with what is there. A job that diverges is finished, too:
// its scores are NaN and it has no model. Throws Error, or Interrupted when a signal comes before
// there is anything to save.
[[nodiscard]] JobOutcome run_job(const JobParts& parts, std::int64_t seed,
                                 const std::filesystem::path& folder);

// Makes a finished job unfinished, so that run_job() does it from the start. Throws
// Error{kStorage}.
void reopen_job(const std::filesystem::path& folder);

// Where a finished job leaves its model.
[[nodiscard]] std::filesystem::path job_model(const std::filesystem::path& folder);

}  // namespace cram::finetune
