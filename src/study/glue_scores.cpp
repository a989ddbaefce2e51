#include "glue_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cram/base/file.h"
#include "cram/glue/run_identity.h"
#include "cram/glue/score_table.h"

#include "recorded.h"
#include "run_folders.h"

namespace cram::study {
namespace {

namespace fs = std::filesystem;

// Without seeds beyond the wanted ones.
glue::TaskScores wanted_seeds(const glue::TaskScores& task, const recipe::Recipe& recipe) {
  glue::TaskScores wanted{task.task, task.title, {}};
  for (const glue::SeedScore& score : task.seeds) {
    const bool within =
        score.seed >= recipe.seed && score.seed - recipe.seed < recipe.finetune.seeds;
    if (within) wanted.seeds.push_back(score);
  }
  return wanted;
}

// Nothing where a task or a seed is missing.
std::vector<glue::TaskScores> wanted_scores(const std::vector<glue::TaskScores>& all,
                                            const recipe::StudyGlue& glue) {
  std::vector<glue::TaskScores> wanted;
  for (const std::string& name : glue.tasks) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const auto& scores) { return scores.task == name; });
    if (found == all.end()) return {};
    wanted.push_back(wanted_seeds(*found, glue.recipe));
    if (std::ssize(wanted.back().seeds) < glue.recipe.finetune.seeds) return {};
  }
  return wanted;
}

double mean_of(const std::vector<glue::TaskScores>& scores) {
  const glue::GlueMean mean = glue::glue_mean(scores);
  const bool diverged =
      std::any_of(mean.missing.begin(), mean.missing.end(),
                  [](const std::string& number) { return number.ends_with("(diverged)"); });
  return diverged ? std::numeric_limits<double>::quiet_NaN() : mean.mean;
}

}  // namespace

std::optional<double> read_glue_mean(const recipe::StudyGlue& glue, const recipe::StudyRun& run) {
  const fs::path folder = glue_folder(run), file = folder / "results.json";
  if (!fs::exists(file)) return std::nullopt;
  const std::vector<glue::TaskScores> scores =
      wanted_scores(glue::parse_task_scores(read_file(file), file.string()), glue);
  const glue::RunIdentity identity = glue::read_identity(folder / "run.json");
  const bool holds = !scores.empty() && is_of_recipe(identity.recipe, glue.recipe) &&
                     is_of_model(identity.files, run);
  return holds ? std::optional(mean_of(scores)) : std::nullopt;
}

}  // namespace cram::study
