#include "glue_scores.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "cram/base/error.h"
#include "cram/base/file.h"

namespace cram::study {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

bool is_complete(const recipe::StudyGlue& glue, const json& results) {
  const auto seeds = static_cast<std::size_t>(glue.recipe.finetune.seeds);
  return std::all_of(glue.tasks.begin(), glue.tasks.end(), [&](const std::string& task) {
    const json& tasks = results.at("tasks");
    return std::any_of(tasks.begin(), tasks.end(), [&](const json& found) {
      return found.at("task") == task && found.at("seeds").size() >= seeds;
    });
  });
}

}  // namespace

fs::path glue_folder(const recipe::StudyRun& run) {
  return fs::path(run.recipe.runs_folder).parent_path() / "glue" / run.recipe.name;
}

std::optional<double> read_glue_mean(const recipe::StudyGlue& glue, const recipe::StudyRun& run) {
  const fs::path file = glue_folder(run) / "results.json";
  if (!fs::exists(file)) return std::nullopt;
  try {
    const json results = json::parse(read_file(file));
    if (!is_complete(glue, results)) return std::nullopt;
    const json& mean = results.at("glue_mean").at("mean");
    return mean.is_null() ? std::numeric_limits<double>::quiet_NaN() : mean.get<double>();
  } catch (const json::exception& error) {
    throw Error(ErrorCode::kData, file.string() + ": " + error.what(),
                "remove the folder to fine-tune again");
  }
}

}  // namespace cram::study
