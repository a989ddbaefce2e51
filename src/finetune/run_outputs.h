// What a run leaves beside its jobs: tables, page, submission and the model of each task.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cram/finetune/job.h"
#include "cram/glue/run_identity.h"
#include "cram/glue/score_table.h"

#include "run_paths.h"

namespace cram::finetune {

// The finished jobs of a task in a run's folder, by rising seed.
struct TaskOutcome {
  glue::TaskScores scores;
  std::vector<std::string> labels;
  std::vector<JobResult> jobs;  // as scores.seeds

  // The job whose score is the median of the seeds.
  [[nodiscard]] const JobResult& median() const;
};
[[nodiscard]] TaskOutcome read_outcome(const FinetunePaths& paths, const std::string& task,
                                       const glue::TaskIdentity& identity);

// Of the models that the jobs of a task have left and the one that was kept before, keeps the one
// whose score is nearest to the median of all seeds, as the task's model, and removes the others.
void keep_one_model(const TaskOutcome& outcome, const FinetunePaths& paths);

// The seed that would make the model of a task again: of a task with jobs and scores, but without
// any model. Nothing for others.
[[nodiscard]] std::optional<std::int64_t> seed_of_lost_model(const TaskOutcome& outcome,
                                                             const FinetunePaths& paths);

// results.json, results.csv, results.md, report.html and submission.zip, over all tasks with a
// finished job in the folder, in the paper's order. Returns their scores.
std::vector<glue::TaskScores> write_outputs(const FinetunePaths& paths,
                                            const glue::RunIdentity& identity);

}  // namespace cram::finetune
