// The files of a fine-tuning run.
#pragma once

#include <filesystem>
#include <string>

#include "cram/train/run_folder.h"

namespace cram::finetune {

struct FinetunePaths {
  train::RunPaths run;  // what it shares with a pretraining run

  explicit FinetunePaths(const std::filesystem::path& root) : run{root} {}
  [[nodiscard]] std::filesystem::path file(const std::string& name) const {
    return run.root / name;
  }
  [[nodiscard]] std::filesystem::path identity() const { return file("run.json"); }
  [[nodiscard]] std::filesystem::path submission() const { return file("submission.zip"); }
  [[nodiscard]] std::filesystem::path task(const std::string& task) const { return file(task); }
  [[nodiscard]] std::filesystem::path model(const std::string& task_name) const {
    return task(task_name) / "model";
  }
  // The seed of that model, as a number in a line.
  [[nodiscard]] std::filesystem::path model_seed(const std::string& task_name) const {
    return task(task_name) / "model-seed.txt";
  }
  [[nodiscard]] std::filesystem::path predictions(const std::string& task_name) const {
    return task(task_name) / "predictions";
  }
  [[nodiscard]] std::filesystem::path job(const std::string& task_name, std::int64_t seed) const {
    return task(task_name) / ("seed-" + std::to_string(seed));
  }
};

}  // namespace cram::finetune
