// The checkpoints of a run folder: checkpoints/step-000001234/ with a manifest of sizes and
// checksums. A checkpoint appears whole or not at all, is verified before it is believed, and the
// last good one is never deleted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cram/checkpoint/safetensors.h"

namespace cram::checkpoint {

// Everything that a run needs to go on as if it had never stopped.
struct TrainingState {
  std::int64_t step = 0;
  NamedTensors weights;  // fp32 masters
  NamedTensors optimizer;
  std::string scalars;  // JSON object, owned by the trainer: budget spent, cursor, loss scale, …
  std::string recipe;   // resolved YAML
};

// The newest checkpoint in `folder` that verifies; damaged ones are reported with a warning and
// passed over. Changes nothing there. Throws Error{kData} when there are checkpoints and none
// verifies.
[[nodiscard]] std::optional<TrainingState> load_latest(const std::filesystem::path& folder);

class Store {
 public:
  // `folder` is made when missing. Left-overs of crashed writes are removed.
  Store(std::filesystem::path folder, std::int64_t keep);

  // Throws Error{kStorage} when the disk is full or unwritable; older checkpoints are intact then.
  void save(const TrainingState& state);
  [[nodiscard]] std::optional<TrainingState> load_latest() const {
    return checkpoint::load_latest(folder_);
  }
  [[nodiscard]] std::vector<std::int64_t> steps() const;  // ascending

 private:
  std::filesystem::path folder_;
  std::int64_t keep_;
};

}  // namespace cram::checkpoint
