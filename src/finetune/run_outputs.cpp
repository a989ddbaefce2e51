#include "run_outputs.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cram/base/file.h"
#include "cram/base/log.h"
#include "cram/glue/submission.h"
#include "cram/glue/task.h"

namespace cram::finetune {
namespace {

namespace fs = std::filesystem;

// The seeds that have a folder, in rising order.
std::vector<std::int64_t> seeds_of(const fs::path& task) {
  constexpr std::string_view kPrefix = "seed-";
  std::vector<std::int64_t> seeds;
  for (const fs::path& entry : fs::directory_iterator(task)) {
    const std::string name = entry.filename().string();
    if (!name.starts_with(kPrefix)) continue;
    std::int64_t seed = 0;
    const auto [end, error] =
        std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), seed);
    if (error == std::errc() && *end == '\0') seeds.push_back(seed);
  }
  std::sort(seeds.begin(), seeds.end());
  return seeds;
}

// The paper's order; a user's own data sets come last.
std::size_t rank(const std::string& task) {
  const auto& tasks = glue::tasks();
  const auto found = std::find_if(tasks.begin(), tasks.end(),
                                  [&](const glue::Task& known) { return known.name == task; });
  return static_cast<std::size_t>(found - tasks.begin());
}

std::vector<TaskOutcome> read_outcomes(const FinetunePaths& paths,
                                       const glue::RunIdentity& identity) {
  std::vector<TaskOutcome> outcomes;
  for (const auto& [name, task] : identity.tasks) {
    TaskOutcome outcome = read_outcome(paths, name, task);
    if (!outcome.jobs.empty()) outcomes.push_back(std::move(outcome));
  }
  std::stable_sort(outcomes.begin(), outcomes.end(),
                   [](const TaskOutcome& a, const TaskOutcome& b) {
                     return rank(a.scores.task) < rank(b.scores.task);
                   });
  return outcomes;
}

void write_submission(const std::vector<TaskOutcome>& outcomes, const FinetunePaths& paths) {
  std::vector<fs::path> files;
  for (const TaskOutcome& outcome : outcomes) {
    const fs::path folder = paths.predictions(outcome.scores.task);
    if (glue::find_task(outcome.scores.task) == nullptr || !fs::exists(folder)) continue;
    for (const fs::path& file : fs::directory_iterator(folder)) files.push_back(file);
  }
  std::sort(files.begin(), files.end());
  if (!files.empty()) glue::write_zip(paths.submission(), files);
}

double deciding_score(const JobResult& job) { return job.score.splits.at(0).metrics.at(0).value; }

// Of the jobs that `takes` accepts, the one whose score is nearest to the median of all; or null.
const JobResult* nearest_to_median(const TaskOutcome& outcome, const auto& takes) {
  const double median = deciding_score(outcome.median());
  const auto distance = [&](const JobResult& job) {
    return std::abs(deciding_score(job) - median);
  };
  const JobResult* best = nullptr;
  for (const JobResult& job : outcome.jobs) {
    if (takes(job) && (best == nullptr || distance(job) < distance(*best))) best = &job;
  }
  return best;
}

// The seed of the model that was kept before, from the file beside it.
std::optional<std::int64_t> kept_seed(const FinetunePaths& paths, const std::string& task) {
  const fs::path file = paths.model_seed(task);
  if (!fs::exists(file) || !fs::exists(paths.model(task))) return std::nullopt;
  const std::string text = read_file(file);
  std::int64_t seed = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (result.ec != std::errc()) return std::nullopt;
  return seed;
}

// Errors of the file system as what they are to a user: a matter of storage.
void move_folder(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::remove_all(to, error);
  if (!error) fs::rename(from, to, error);
  if (error) {
    throw Error(ErrorCode::kStorage, to.string() + ": cannot be replaced, " + error.message());
  }
}

}  // namespace

const JobResult& TaskOutcome::median() const {
  const std::int64_t seed = glue::median_seed(scores).seed;
  return *std::find_if(jobs.begin(), jobs.end(),
                       [&](const JobResult& job) { return job.score.seed == seed; });
}

TaskOutcome read_outcome(const FinetunePaths& paths, const std::string& task,
                         const glue::TaskIdentity& identity) {
  TaskOutcome outcome;
  outcome.scores = {task, identity.title, {}};
  outcome.labels = identity.labels;
  if (!fs::exists(paths.task(task))) return outcome;
  for (const std::int64_t seed : seeds_of(paths.task(task))) {
    std::optional<JobResult> job = finished_job(paths.job(task, seed));
    if (!job) continue;
    outcome.scores.seeds.push_back(job->score);
    outcome.jobs.push_back(std::move(*job));
  }
  return outcome;
}

std::optional<std::int64_t> seed_of_lost_model(const TaskOutcome& outcome,
                                               const FinetunePaths& paths) {
  const std::string& task = outcome.scores.task;
  const auto has_model = [&](const JobResult& job) {
    return fs::exists(job_model(paths.job(task, job.score.seed)));
  };
  const bool any = std::any_of(outcome.jobs.begin(), outcome.jobs.end(), has_model);
  if (outcome.jobs.empty() || any || fs::exists(paths.model(task))) return std::nullopt;
  const JobResult* const best = nearest_to_median(
      outcome, [](const JobResult& job) { return !std::isnan(deciding_score(job)); });
  return best == nullptr ? std::nullopt : std::optional(best->score.seed);
}

void keep_one_model(const TaskOutcome& outcome, const FinetunePaths& paths) {
  const std::string& task = outcome.scores.task;
  const std::optional<std::int64_t> kept = kept_seed(paths, task);
  const JobResult* const best = nearest_to_median(outcome, [&](const JobResult& job) {
    return job.score.seed == kept || fs::exists(job_model(paths.job(task, job.score.seed)));
  });
  if (best != nullptr && best->score.seed != kept) {
    fs::remove(paths.model_seed(task));
    move_folder(job_model(paths.job(task, best->score.seed)), paths.model(task));
    write_file_atomic(paths.model_seed(task), std::to_string(best->score.seed) + "\n");
  }
  for (const JobResult& job : outcome.jobs) {
    std::error_code ignored;
    fs::remove_all(job_model(paths.job(task, job.score.seed)), ignored);
  }
}

std::vector<glue::TaskScores> write_outputs(const FinetunePaths& paths,
                                            const glue::RunIdentity& identity) {
  const std::vector<TaskOutcome> outcomes = read_outcomes(paths, identity);
  std::vector<glue::TaskScores> tasks;
  std::vector<glue::TaskPage> pages;
  for (const TaskOutcome& outcome : outcomes) {
    const JobResult& median = outcome.median();
    tasks.push_back(outcome.scores);
    pages.push_back({outcome.scores, outcome.labels, median.confusion, median.errors});
  }
  write_file_atomic(paths.file("results.json"), glue::to_json(tasks));
  write_file_atomic(paths.file("results.csv"), glue::to_csv(tasks));
  write_file_atomic(paths.file("results.md"), glue::to_markdown(tasks));
  write_file_atomic(paths.file("report.html"),
                    glue::render_score_page(identity.checkpoint, pages, glue::glue_mean(tasks)));
  write_submission(outcomes, paths);
  return tasks;
}

}  // namespace cram::finetune
