// Learning rate, batch size, sequence length, masking rate and momentum as pure functions of the
// share of the budget spent. Source of the shapes: Geiping & Goldstein 2022, section 4.3, and their
// code.
#pragma once

#include <cstdint>

#include "cram/recipe/recipe.h"

namespace cram::optim {

// The factor on the peak learning rate, at `spent` in [0, 1]. Never negative, 0 at 1 for all shapes
// but constant and inverse-sqrt without cool-down.
//   triangle      min(start + spent*(1-start)/peak_at, (1-spent)/(1-peak_at))
//   one-cycle     2*spent up to 1/2, then 2 - 2*spent
//   linear        (1-spent)/(1-warmup)
//   cosine        (1 + cos(pi*(spent-warmup)/(1-warmup)))/2
//   constant      1
//   inverse-sqrt  sqrt(warmup/spent); needs a warm-up
// with spent/warmup during the warm-up of all shapes but triangle and one-cycle.
[[nodiscard]] double learning_rate_factor(const recipe::Schedule& schedule, double spent);

// Sequences of the next update: grows linearly over batch.ramp, in multiples of the micro-batch,
//   min((floor(size*spent/ramp/micro)+1)*micro, size), and `size` rounded to a multiple of micro.
[[nodiscard]] std::int64_t batch_size(const recipe::Batch& batch, std::int64_t micro_batch,
                                      double spent);

// Tokens of the next training sequences: start_length, doubled in equal parts of `growth` until it
// is length. The packed sequences hold a whole number of them.
[[nodiscard]] std::int64_t sequence_length(const recipe::Sequence& sequence, double spent);

// Falls linearly from masking_rate to masking_rate_end.
[[nodiscard]] double masking_rate(const recipe::Objective& objective, double spent);

// Rises linearly from muon_momentum_start, where that is set, to muon_momentum over
// muon_momentum_warmup.
[[nodiscard]] double muon_momentum(const recipe::Optimizer& optimizer, double spent);

}  // namespace cram::optim
