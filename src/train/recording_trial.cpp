#include "cram/train/recording_trial.h"

#include <ATen/Context.h>
#include <c10/util/Exception.h>

#include "cram/base/units.h"

#include "kernel_bench.h"

namespace cram::train {
namespace {

// The operations are the same, so only sums whose order the device chooses may differ.
constexpr double kLargestError = 1e-3;

using Tensors = std::vector<at::Tensor>;

// The loss and the gradients after one pass, with the same dropout in each.
Tensors results(const Pass& pass, const ops::WeightList& weights) {
  ops::zero_gradients(weights);
  at::manual_seed(0);
  Tensors copies = {pass().front().clone()};
  for (const ops::WeightPtr& weight : weights) copies.push_back(weight->grad.clone());
  return copies;
}

double largest_error(const Tensors& values, const Tensors& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double error = relative_error(values[i], expected[i]);
    if (!(error <= largest)) largest = error;  // also where it is not a number
  }
  return largest;
}

}  // namespace

bool RecordingTrial::right() const { return error <= kLargestError; }

bool RecordingTrial::faster() const { return kWorthwhile * milliseconds < unrecorded_milliseconds; }

std::string to_text(const RecordingTrial& trial) {
  if (!trial.skipped.empty()) return "not recorded, " + trial.skipped;
  if (!trial.right()) {
    return "not recorded, gradients would be wrong here (relative error " +
           format_short(trial.error) + ")";
  }
  const std::string ratio = format_fixed(trial.unrecorded_milliseconds / trial.milliseconds, 2);
  return trial.used() ? "recorded, " + ratio + " times as fast"
                      : "not recorded, which would be " + ratio + " times as fast";
}

RecordingTrial try_recording(const model::MaskedLanguageModel& model,
                             const model::MaskedInput& batch, double z_loss,
                             const Recorder& recorder) {
  RecordingTrial trial;
  const LossScale unscaled({}, at::kFloat, batch.ids.device());
  TrainingPass plain(model, unscaled, z_loss, {});
  const Pass pass = [&] { return Tensors{plain.run(batch)}; };
  try {
    const Tensors expected = results(pass, model.weights());
    trial.unrecorded_milliseconds = milliseconds(pass);
    const at::Tensor loss = expected.front().clone();
    // Straight from the recorder, for a failure to be seen.
    const auto work = recorder([&] { loss.copy_(plain.run(batch)); });
    const Pass recorded = [&] {
      work->launch();
      return Tensors{loss};
    };
    trial.error = largest_error(results(recorded, model.weights()), expected);
    trial.milliseconds = milliseconds(recorded);
  } catch (const c10::Error& error) {
    trial.skipped = error.what_without_backtrace();
  }
  ops::zero_gradients(model.weights());
  return trial;
}

}  // namespace cram::train
