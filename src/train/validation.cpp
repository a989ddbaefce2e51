#include "cram/train/validation.h"

#include <algorithm>

#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include "cram/base/interrupt.h"
#include "cram/train/batch_stream.h"

namespace cram::train {

std::optional<Score> score(const model::MaskedLanguageModel& model, const corpus::BatchMaker& data,
                           const ScoreOptions& options) {
  const c10::NoGradGuard no_gradients;
  const at::Device device = model.placement().device;
  // Sums stay on the device, so that it is waited for once, at the end.
  const at::Tensor loss = at::zeros({}, at::TensorOptions(at::kDouble).device(device));
  const at::Tensor correct = at::zeros({}, at::TensorOptions(at::kLong).device(device));
  Score total;
  while (total.sequences < options.sequences) {
    if (interrupt::stop_signal() != 0) return std::nullopt;
    const std::int64_t count = std::min(options.micro_batch, options.sequences - total.sequences);
    const model::MaskedInput batch =
        to_tensors(data.make_in_file_order(total.sequences, count, options.masking_rate), device);
    const ops::MaskedLoss result = model.loss(batch, model::Mode::kEvaluation);
    const std::int64_t masked = batch.targets.numel();
    loss.add_(result.loss, static_cast<double>(masked));
    correct.add_(result.correct);
    total.masked_tokens += masked;
    total.sequences += count;
  }
  const auto tokens = static_cast<double>(std::max<std::int64_t>(1, total.masked_tokens));
  total.loss = loss.item<double>() / tokens;
  total.accuracy = static_cast<double>(correct.item<std::int64_t>()) / tokens;
  return total;
}

}  // namespace cram::train
