#include "cram/train/graph_trial.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/Context.h>
#include <c10/util/Exception.h>

#include "cram/base/units.h"
#include "cram/train/out_of_memory.h"
#include "cram/train/training_pass.h"

#include "kernel_bench.h"

namespace cram::train {
namespace {

constexpr double kLongMilliseconds = 50;

using Tensors = std::vector<at::Tensor>;

// The loss and the gradients after one pass, with the same dropout each time.
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
    if (!std::isfinite(error)) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, error);
  }
  return largest;
}

void compare(const ops::WeightList& weights, TrainingPass& pass, const model::MaskedInput& batch,
             const Capture& capture, GraphTrial& trial) {
  const Pass plain = [&] { return Tensors{pass.run(batch)}; };
  const Tensors expected = results(plain, weights);
  trial.plain_error = largest_error(results(plain, weights), expected);
  trial.plain_milliseconds = milliseconds(plain);
  PassGraph graph(batch, capture, [&](const model::MaskedInput& input) { return pass.run(input); });
  const Pass launched = [&] { return Tensors{graph.launch(batch)}; };
  trial.error = largest_error(results(launched, weights), expected);
  trial.milliseconds = milliseconds(launched);
}

}  // namespace

// The operations are the same, so only sums whose order the device chooses may differ.
bool GraphTrial::right() const {
  constexpr double kSmall = 1e-3, kAsMuch = 4;
  return std::isfinite(error) && error <= kSmall + kAsMuch * plain_error;
}

bool GraphTrial::faster() const { return kWorthwhile * milliseconds < plain_milliseconds; }

std::string to_text(const GraphTrial& trial) {
  const std::string one_by_one = "launched operation by operation, ";
  if (!trial.skipped.empty()) return one_by_one + trial.skipped;
  if (!trial.right()) {
    return one_by_one + "a graph is wrong here (relative error " + format_short(trial.error) + ")";
  }
  const std::string ratio = format_fixed(trial.plain_milliseconds / trial.milliseconds, 2);
  return trial.used() ? "launched as a graph, " + ratio + " times as fast"
                      : one_by_one + "a graph is " + ratio + " times as fast";
}

GraphTrial try_graph(const model::MaskedLanguageModel& model, const model::MaskedInput& batch,
                     double z_loss, const Capture& capture) {
  const LossScale unscaled({}, at::kFloat, batch.ids.device());
  TrainingPass pass(model, unscaled, z_loss, {});
  GraphTrial trial;
  try {
    const double once = milliseconds([&] { return Tensors{pass.run(batch)}; }, 1, 1);
    if (once > kLongMilliseconds) {
      trial.skipped = "a pass takes " + format_short(once) + " ms";
    } else {
      compare(model.weights(), pass, batch, capture, trial);
    }
  } catch (const c10::Error& error) {
    if (!is_out_of_memory(error)) throw;
    trial.skipped = "there is no memory to try a graph";
  }
  ops::zero_gradients(model.weights());
  return trial;
}

}  // namespace cram::train
