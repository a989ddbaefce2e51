#include "glue_scores.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/recipe/load.h"

namespace cram::study {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kResults = "results.json";
constexpr const char* kHint = "remove the folder to fine-tune again";

bool is_of_recipe(const recipe::StudyGlue& glue, const recipe::StudyRun& run) {
  try {
    const recipe::Recipe used =
        recipe::load(glue_folder(run) / "recipe.yaml", {}, recipe::Purpose::kFineTuning);
    return recipe::differences(used, glue.recipe).empty();
  } catch (const Error&) {
    return false;
  }
}

bool is_wanted(const recipe::StudyGlue& glue, const json& found) {
  return std::find(glue.tasks.begin(), glue.tasks.end(), found.at("task")) != glue.tasks.end();
}

bool is_complete(const recipe::StudyGlue& glue, const json& tasks) {
  const auto seeds = static_cast<std::size_t>(glue.recipe.finetune.seeds);
  return tasks.size() == glue.tasks.size() &&
         std::all_of(tasks.begin(), tasks.end(), [&](const json& found) {
           return is_wanted(glue, found) && found.at("seeds").size() >= seeds;
         });
}

json read_results(const fs::path& file) {
  try {
    return json::parse(read_file(file));
  } catch (const json::exception& error) {
    throw Error(ErrorCode::kData, file.string() + ": " + error.what(), kHint);
  }
}

}  // namespace

fs::path glue_folder(const recipe::StudyRun& run) {
  return fs::path(run.recipe.runs_folder).parent_path() / "glue" / run.recipe.name;
}

std::optional<double> read_glue_mean(const recipe::StudyGlue& glue, const recipe::StudyRun& run) {
  const fs::path file = glue_folder(run) / kResults;
  if (!fs::exists(file) || !is_of_recipe(glue, run)) return std::nullopt;
  try {
    const json results = read_results(file);
    if (!is_complete(glue, results.at("tasks"))) return std::nullopt;
    const json& mean = results.at("glue_mean").at("mean");
    return mean.is_null() ? std::numeric_limits<double>::quiet_NaN() : mean.get<double>();
  } catch (const json::exception& error) {
    throw Error(ErrorCode::kData, file.string() + ": " + error.what(), kHint);
  }
}

bool holds_other_scores(const recipe::StudyGlue& glue, const recipe::StudyRun& run) {
  if (!fs::exists(glue_folder(run) / "recipe.yaml")) return false;
  if (!is_of_recipe(glue, run)) return true;
  const fs::path file = glue_folder(run) / kResults;
  if (!fs::exists(file)) return false;
  const json tasks = read_results(file).value("tasks", json::array());
  return std::any_of(tasks.begin(), tasks.end(),
                     [&](const json& found) { return !is_wanted(glue, found); });
}

}  // namespace cram::study
