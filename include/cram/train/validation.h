// The held-out masked-LM loss and accuracy.
#pragma once

#include <cstdint>
#include <optional>

#include "cram/corpus/batches.h"
#include "cram/model/masked_lm.h"

namespace cram::train {

struct Score {
  double loss = 0;      // nats a masked token
  double accuracy = 0;  // share of masked tokens whose best guess is right
  std::int64_t masked_tokens = 0;
  std::int64_t sequences = 0;
};

struct ScoreOptions {
  std::int64_t sequences = 0;  // the first so many of the set, in file order
  double masking_rate = 0.15;
  std::int64_t micro_batch = 32;
};

// Scores the model on `data` with masks that depend on its seed alone: the same in every run.
// Returns nothing when a signal asks to stop meanwhile.
[[nodiscard]] std::optional<Score> score(const model::MaskedLanguageModel& model,
                                         const corpus::BatchMaker& data,
                                         const ScoreOptions& options);

}  // namespace cram::train
