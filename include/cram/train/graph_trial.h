// Whether a run launches its passes as graphs: tried on its GPU, with its model, before it begins.
#pragma once

#include <string>

#include "cram/model/masked_input.h"
#include "cram/model/masked_lm.h"
#include "cram/train/pass_graph.h"

namespace cram::train {

struct GraphTrial {
  std::string skipped = {};  // why there was nothing to compare
  // Relative, of the loss or gradient that is furthest from that of a pass without a graph: of one
  // with a graph, and of another one without. Infinite where one is not a number.
  double error = 0;
  double plain_error = 0;
  double milliseconds = 0;  // of a pass as a graph …
  double plain_milliseconds = 0;

  [[nodiscard]] bool right() const;
  [[nodiscard]] bool faster() const;  // by more than the measurement's noise
  [[nodiscard]] bool used() const { return skipped.empty() && right() && faster(); }
};

// "launched as a graph, 1.90 times as fast".
[[nodiscard]] std::string to_text(const GraphTrial& trial);

// Passes over `batch` with and without a graph, in well below a second; long passes, which wait for
// no launches, are not tried. Gradients that are zero at the start, as those before output matrices
// of zero, tell nothing. The gradients of the model's weights are zero afterwards, and LibTorch's
// generators of random numbers begin anew. Throws Error{kInternal} as Capture.
[[nodiscard]] GraphTrial try_graph(const model::MaskedLanguageModel& model,
                                   const model::MaskedInput& batch, double z_loss,
                                   const Capture& capture);

}  // namespace cram::train
