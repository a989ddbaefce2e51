// Whether a run records its passes: tried on its GPU, with its model, before it begins.
#pragma once

#include <string>

#include "cram/model/masked_input.h"
#include "cram/model/masked_lm.h"
#include "cram/train/training_pass.h"

namespace cram::train {

struct RecordingTrial {
  std::string skipped = {};  // why nothing was tried, or how recording failed
  // Of the gradient that is the furthest from that of an unrecorded pass, relative.
  double error = 0;
  double milliseconds = 0;  // of a pass, recorded …
  double unrecorded_milliseconds = 0;

  [[nodiscard]] bool right() const;
  [[nodiscard]] bool faster() const;  // by more than the measurement's noise
  [[nodiscard]] bool used() const { return skipped.empty() && right() && faster(); }
};

// "recorded, 1.90 times as fast".
[[nodiscard]] std::string to_text(const RecordingTrial& trial);

// Passes over `batch` with and without `recorder`, in well below a second. The gradients of the
// model's weights are zero afterwards.
[[nodiscard]] RecordingTrial try_recording(const model::MaskedLanguageModel& model,
                                           const model::MaskedInput& batch, double z_loss,
                                           const Recorder& recorder);

}  // namespace cram::train
