// A data set ready for the model: read, tokenised once and cached, the same for all seeds.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cram/finetune/inputs.h"
#include "cram/glue/example.h"
#include "cram/glue/metrics.h"
#include "cram/glue/task.h"
#include "cram/tokenizer/tokenizer.h"

namespace cram::finetune {

struct Workload {
  glue::DataSet data;
  const glue::Task* task = nullptr;   // of GLUE; null for a user's data set
  std::vector<glue::Metric> metrics;  // the first one decides
  std::vector<Input> training;
  std::vector<std::vector<Input>> dev, test;  // as data.dev and data.test
  std::string fingerprint;                    // of the inputs and all that is scored

  // Of its folder in a run, too: letters, digits, "-" and "_".
  [[nodiscard]] const std::string& name() const { return data.name; }
  [[nodiscard]] std::string title() const { return task != nullptr ? task->title : data.name; }
};

struct WorkloadOptions {
  FramingOptions framing = {};
  std::int64_t max_examples = 0;     // of the training split, the first ones; 0: all
  std::filesystem::path cache = {};  // folder for tokenised data sets, made when missing
};

// `task` is null for a user's data set. Throws Error{kData} when there is nothing to train on or
// nothing to score, for a score or a class that is unknown in the training split, and for labels in
// it or in a dev split that cannot be. A user's data set with the name of a task of GLUE is called
// "mnli-own".
[[nodiscard]] Workload make_workload(glue::DataSet data, const glue::Task* task,
                                     const tokenizer::Tokenizer& tokenizer,
                                     const WorkloadOptions& options);

}  // namespace cram::finetune
