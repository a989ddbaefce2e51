#include "cram/train/budget.h"

#include <algorithm>

namespace cram::train {

void TrainingTimer::start() {
  since_ = clock_->now();
  running_ = true;
}

void TrainingTimer::pause() {
  spent_ = spent();
  running_ = false;
}

double BudgetMeter::share(const Position& position) const {
  const auto of = [](auto done, auto whole) {
    return std::clamp(static_cast<double>(done) / static_cast<double>(whole), 0.0, 1.0);
  };
  if (budget_.time) return of(position.spent.count(), budget_.time->count());
  if (budget_.steps) return of(position.step, *budget_.steps);
  return of(position.tokens, budget_.tokens.value());
}

Seconds BudgetMeter::left(const Position& position) const {
  if (budget_.time) return std::max(Seconds(0), *budget_.time - position.spent);
  const double done = share(position);
  return done > 0 ? position.spent * (1 - done) / done : Seconds(0);
}

}  // namespace cram::train
