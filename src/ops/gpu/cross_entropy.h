// Masked cross-entropy on a GPU: tiles of rows whose logits become their gradients in place.
#pragma once

#include "../decoder.h"
#include "../loss_sums.h"

namespace cram::ops::gpu {

// Not where there is a z-loss, which our kernel does not know.
[[nodiscard]] bool sums_loss(const at::Tensor& hidden, const Decoder& head);

// Fills the gradients that are defined.
[[nodiscard]] LossSums loss(const at::Tensor& hidden, const at::Tensor& targets,
                            const Decoder& head, LossGradients& gradients);

}  // namespace cram::ops::gpu
