// What a fine-tuning run starts from, in run.json: so that a folder never mixes two checkpoints or
// two versions of a data set, and its tables can be made again from what is in it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cram::glue {

struct TaskIdentity {
  std::string fingerprint;  // of the data set
  std::string title;
  std::vector<std::string> labels;
  std::string predictions;  // predictions_key() of its test splits' when they were made; or empty
};

struct RunIdentity {
  std::string checkpoint;          // the folder as it was given
  std::string fingerprint;         // of the weights and the tokenizer in it, as they are loaded
  std::string files;               // hash_of_model() of it; empty where its weights are not used
  std::string recipe;              // resolved YAML
  std::string environment = "{}";  // JSON object: what else the scores of the last call depend on
  std::map<std::string, TaskIdentity> tasks;
};

// Empty fields where there is no file. Throws Error{kData} when it is damaged.
[[nodiscard]] RunIdentity read_identity(const std::filesystem::path& file);
void write_identity(const std::filesystem::path& file, const RunIdentity& identity);

// Of the files in a model folder, without their README.md: at the speed of reading them, so that
// it may be asked each time whether scores are of the model that is there now. Throws Error{kData}.
[[nodiscard]] std::string hash_of_model(const std::filesystem::path& folder);

}  // namespace cram::glue
