// Finished runs of a study in a folder, as `cram study` leaves them, whose losses follow a law.
#pragma once

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cram/plan/evidence.h"
#include "cram/recipe/load.h"
#include "cram/recipe/study.h"

#include "study/synthetic_runs.h"
#include "support/temp_folder.h"

namespace cram::plan {

// What a run leaves beside its recipe.
struct Left {
  double loss = 0;
  std::string corpus = "c0ffee";
  std::int64_t masked_tokens = 1500;
  std::string end = "finished";
  double accuracy = 0.3;
};

class StudiedTest : public testing::Test {
 protected:
  StudiedTest() {
    std::ofstream(folder_ / "r.yaml")
        << "budget: {time: 1h}\ndata: {sources: text, cache: " << (folder_ / "cache").string()
        << "}\ntokenizer: {vocab_size: 300}\nbatch: {size: 32}\n"
           "model: {layers: 4, hidden_size: 256, heads: 4, intermediate_size: 512}\n";
  }

  // Four sizes with three budgets each, all with these settings.
  recipe::Study study(const std::string& settings = "", const std::string& name = "s") {
    std::ofstream file(folder_ / (name + ".yaml"));
    file << "recipe: r.yaml\nsettings: [" << settings << "]\nvariants:\n";
    for (const int layers : {2, 3, 4, 6}) {
      const int width = 64 * layers, heads = layers;
      for (const char* tokens : {"1500k", "4M", "10M"}) {
        file << "  w" << width << "-" << tokens << ": [model.layers=" << layers
             << ", model.hidden_size=" << width << ", model.heads=" << heads
             << ", model.intermediate_size=" << 2 * width << ", budget.tokens=" << tokens << "]\n";
      }
    }
    file.close();
    return recipe::load_study(folder_ / (name + ".yaml"), folder_.path() / "studies");
  }

  static void leave(const recipe::StudyRun& run, const Left& left) {
    const auto folder = std::filesystem::path(run.recipe.runs_folder) / run.recipe.name;
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "recipe.yaml") << recipe::to_yaml(run.recipe);
    std::ofstream events(folder / "events.jsonl");
    const auto say = [&](const std::string& kind, nlohmann::json event) {
      event["event"] = kind;
      event["time"] = "2026-01-01T00:00:00Z";
      events << event.dump() << "\n";
    };
    const std::int64_t tokens = run.recipe.budget.tokens.value();
    say("started", {{"corpus", left.corpus}});
    say("progress", {{"step", 9}, {"tokens", tokens}, {"seconds", 10}});
    say("validation", {{"step", 9},
                       {"tokens", tokens},
                       {"loss", left.loss},
                       {"accuracy", left.accuracy},
                       {"masked_tokens", left.masked_tokens}});
    say(left.end, nlohmann::json::object());
  }

  static double law_loss(const recipe::StudyRun& run) {
    return test::true_loss(body_parameters(run.recipe),
                           static_cast<double>(run.recipe.budget.tokens.value()));
  }

  // Of the law, times a factor.
  static void leave_all(const recipe::Study& study, double factor = 1,
                        const std::string& corpus = "c0ffee") {
    for (const recipe::StudyRun& run : study.runs) {
      leave(run, {.loss = factor * law_loss(run), .corpus = corpus});
    }
  }

  recipe::Recipe base(const std::vector<std::string>& settings = {}) const {
    return recipe::load(folder_ / "r.yaml", settings);
  }

  test::TempFolder folder_;
};

}  // namespace cram::plan
