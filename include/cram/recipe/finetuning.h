// The section of a recipe that only fine-tuning has.
#pragma once

#include <cstdint>
#include <optional>

namespace cram::recipe {

enum class Pooling { kFirstToken, kMean };

// Fine-tuning on tasks with labels. Optimizer, schedule (over the updates of a task) and batch have
// sections of their own. The values here are the defaults.
struct FineTuning {
  std::int64_t epochs = 5;
  std::int64_t max_length = 128;  // tokens of an example; longer ones are cut
  std::int64_t seeds = 5;         // times that a task is done, with the seeds seed, seed + 1, …
  Pooling pooling = Pooling::kFirstToken;
  std::int64_t head_size = 1024;  // of the layer before the classifier; 0: the hidden size
  double dropout = 0.1;           // of hidden states, attention weights and the head
  // Of every task, whatever its number of updates; empty: schedule.warmup is a share of them.
  std::optional<std::int64_t> warmup_updates = {};
  std::optional<std::int64_t> max_examples = {};  // for training, the first ones; empty: all
  bool second_separator = false;  // a lone text ends with two [SEP], as a pair with an empty second
  bool operator==(const FineTuning&) const = default;
};

}  // namespace cram::recipe
