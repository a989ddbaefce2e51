// Studies whose runs are there, as their programs would leave them.
#pragma once

#include <cmath>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include "cram/base/file.h"
#include "cram/glue/run_identity.h"
#include "cram/glue/score_table.h"
#include "cram/recipe/load.h"
#include "cram/study/results.h"

#include "support/temp_folder.h"

namespace cram::study::test {

inline constexpr const char* kRecipe = "budget: {steps: 10}\ndata: {sources: text}\n";

class LeftRuns : public testing::Test {
 protected:
  LeftRuns() { std::ofstream(folder_ / "r.yaml") << kRecipe; }

  recipe::Study study(const std::string& text = "") {
    std::ofstream(folder_ / "s.yaml")
        << (text.empty() ? "recipe: r.yaml\nvariants:\n  plain: {seeds: [0, 1, 2]}\n"
                           "  fast: [batch.size=64]\n"
                         : text);
    return recipe::load_study(folder_ / "s.yaml", folder_.path() / "studies");
  }

  // Leaves a run of 100 tokens a second whose held-out losses are those, a measurement each 1000.
  static void leave_run(const recipe::StudyRun& run, const std::vector<double>& losses,
                        const std::string& end = "finished") {
    const auto folder = run_folder(run);
    std::filesystem::create_directories(folder / "model");
    std::ofstream(folder / "model/model.safetensors") << "weights of " << run.recipe.name;
    std::ofstream(folder / "recipe.yaml") << recipe::to_yaml(run.recipe);
    std::ofstream events(folder / "events.jsonl");
    int step = 0;
    for (const double loss : losses) {
      ++step;
      const nlohmann::json at{{"step", step},         {"tokens", 1000 * step},
                              {"seconds", 10 * step}, {"budget_share", 0.5},
                              {"loss", loss},         {"accuracy", 0.25}};
      for (const char* kind : {"progress", "validation"}) {
        nlohmann::json event = at;
        event["event"] = kind;
        event["time"] = "2026-01-01T00:00:00Z";
        events << event.dump() << "\n";
      }
    }
    events << R"({"event":")" << end << R"(","time":"2026-01-01T00:00:00Z"})"
           << "\n";
  }

  // What fine-tuning leaves of a model: a score for each seed of a task.
  struct Tuned {
    std::string task;
    std::vector<double> scores;
  };

  void leave_scores(const recipe::Study& study, const recipe::StudyRun& run,
                    const std::vector<Tuned>& tuned) const {
    const auto folder = glue_folder(run);
    std::filesystem::create_directories(folder);
    std::vector<glue::TaskScores> tasks;
    for (const Tuned& one : tuned) {
      glue::TaskScores& task = tasks.emplace_back(glue::TaskScores{one.task, one.task, {}});
      for (const double score : one.scores) {
        task.seeds.push_back({.seed = study.glue->recipe.seed + std::ssize(task.seeds),
                              .splits = {{"dev", {{glue::Metric::kAccuracy, score}}}}});
      }
    }
    std::ofstream(folder / "results.json") << glue::to_json(tasks);
    const auto model = run_folder(run) / "model";
    glue::write_identity(folder / "run.json", {.checkpoint = "",
                                               .fingerprint = "",
                                               .files = glue::hash_of_model(model),
                                               .recipe = recipe::to_yaml(study.glue->recipe),
                                               .tasks = {}});
  }

  [[nodiscard]] static std::filesystem::path run_folder(const recipe::StudyRun& run) {
    return std::filesystem::path(run.recipe.runs_folder) / run.recipe.name;
  }

  // What `cram evaluate` leaves of a model on the sources here and there.
  void leave_text_score(
      const recipe::StudyRun& run, double loss, double bits_per_byte,
      const std::function<void(TextScore&)>& change = [](TextScore&) {}) const {
    TextScore score{.loss = loss,
                    .bits_per_byte = bits_per_byte,
                    .sources = {"here", "there"},
                    .held_out_only = true,
                    .text_hash = "0123456789abcdef",
                    .model_hash = glue::hash_of_model(run_folder(run) / "model")};
    change(score);
    std::ofstream(text_score_file(run)) << to_json(score);
  }

  [[nodiscard]] std::filesystem::path text_score_file(const recipe::StudyRun& run) const {
    const auto folder = folder_ / "studies/s/text";
    std::filesystem::create_directories(folder);
    return folder / (run.recipe.name + ".json");
  }

  [[nodiscard]] std::filesystem::path glue_folder(const recipe::StudyRun& run) const {
    return folder_ / "studies/s/glue" / run.recipe.name;
  }

  // A study of one run with these lines more, each read anew.
  recipe::Study tuned_study(const std::string& glue, const std::string& settings = "") {
    return study("recipe: r.yaml\nvariants: {a: [" + settings + "]}\nglue: {" + glue + "}\n");
  }

  // The mean of the one run.
  [[nodiscard]] static std::optional<double> mean_in(const recipe::Study& study) {
    return read_results(study).front().glue_mean;
  }

  cram::test::TempFolder folder_;
};

}  // namespace cram::study::test
