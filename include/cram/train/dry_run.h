// `cram pretrain --dry-run`: every check of the real run, and what the budget will buy.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "cram/recipe/recipe.h"
#include "cram/train/run_folder.h"

namespace cram::train {

struct DryRunReport {
  std::string run_folder;
  std::string device, precision, attention_kernel;
  std::string passes;  // how they are launched; empty on a CPU
  std::int64_t parameters = 0;
  double flops_per_token = 0;  // training, forward and backward
  std::int64_t vocab_size = 0;
  bool prepared = false;  // whether the corpus is there already; else the two are 0
  std::int64_t training_tokens = 0;
  std::int64_t held_out_tokens = 0;
  std::int64_t micro_batch = 0;
  std::int64_t batch_size = 0;
  std::int64_t memory_bytes = 0;       // peak, measured over whole updates
  std::int64_t checkpoint_bytes = 0;   // one checkpoint
  std::int64_t checkpoints_bytes = 0;  // all that are kept at the same time
  std::int64_t free_disk_bytes = 0;
  double tokens_per_second = 0;  // measured
  double gemm_share = 0;         // of the device's measured matrix-multiply speed
  double first_loss = 0;
  double budget_tokens = 0;  // that the budget will see
  double budget_seconds = 0;
  std::string profile;  // where an update's time goes, as a table; empty where nobody asked
};

// Opens the sources, looks the tokenizer and the shards up without making them, and measures real
// updates of a throw-away model on random tokens. Checks a run folder that is there and leaves none
// behind. Throws what the real run would throw, and kStorage when the checkpoints would not fit on
// the disk. Where `trace` is named, an update's operations are recorded into that file, too (see
// profile.h).
[[nodiscard]] DryRunReport dry_run(const recipe::Recipe& recipe, const OpenOptions& options,
                                   const std::filesystem::path& trace = {});

[[nodiscard]] std::string to_text(const DryRunReport& report);
[[nodiscard]] std::string to_json(const DryRunReport& report);

}  // namespace cram::train
