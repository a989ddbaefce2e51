// A second set of weights beside those that are trained: their average over the way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cram/ops/weight.h"
#include "cram/recipe/recipe.h"

namespace cram::optim {

// Either the exponential moving average over all updates, average <- decay*average +
// (1 - decay)*weights, as a plain mean while there are fewer than 1/(1 - decay) updates; or the
// mean of the latest snapshots (Kaddour 2022, arXiv 2209.14981). Costs the memory of one set of
// weights, or of as many as there are snapshots. Not thread-safe.
class WeightAverage {
 public:
  // Of the names in state().
  static constexpr std::string_view kPrefix = "average.";

  // Of weights that outlive it; the type is not kNone.
  WeightAverage(const recipe::Averaging& options, const ops::WeightList& weights);

  // After an update in which the spent share of the budget went from `before` to `now`.
  void take(double before, double now);
  // Before the first update, or snapshot.
  [[nodiscard]] bool empty() const;

  // All state as named tensors that share storage with its own, as Optimizer::state().
  [[nodiscard]] std::vector<std::pair<std::string, at::Tensor>> state() const;

  // Not while the average is empty. While it lives the weights hold the average; then, to the byte,
  // what they held before.
  class Placed {
   public:
    explicit Placed(const WeightAverage& average);
    ~Placed();
    Placed(const Placed&) = delete;
    Placed& operator=(const Placed&) = delete;

   private:
    const ops::WeightList& weights_;
    std::vector<at::Tensor> own_;
  };

 private:
  [[nodiscard]] std::int64_t filled() const;
  [[nodiscard]] bool is_due(double before, double now) const;

  recipe::Averaging options_;
  ops::WeightList weights_;
  std::vector<at::Tensor> masters_;
  at::Tensor taken_;  // int64 scalar on the CPU: how often
  // The one average, or the snapshots, each with one tensor a weight; the oldest is overwritten.
  std::vector<std::vector<at::Tensor>> slots_;
};

}  // namespace cram::optim
