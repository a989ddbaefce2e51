// The budget: how much of it is spent, in whichever unit it is given.
#pragma once

#include <cstdint>

#include "cram/base/clock.h"
#include "cram/recipe/recipe.h"

namespace cram::train {

// How far a run has come; all of it is kept in every checkpoint.
struct Position {
  std::int64_t step = 0;       // updates done
  std::int64_t sequences = 0;  // of the training stream consumed; where the next batch starts
  std::int64_t tokens = 0;
  Seconds spent{0};  // training time, cumulative over restarts

  friend bool operator==(const Position&, const Position&) = default;
};

// Training time: runs from start(), stands still while paused. What is charged is everything
// between the first step and the last but validation, which measures the run and is no part of it.
class TrainingTimer {
 public:
  TrainingTimer(const Clock& clock, Seconds already_spent)
      : clock_(&clock), spent_(already_spent), since_(clock.now()) {}
  [[nodiscard]] Seconds spent() const {
    return running_ ? spent_ + (clock_->now() - since_) : spent_;
  }
  void start();
  void pause();

 private:
  const Clock* clock_;
  Seconds spent_;
  Seconds since_;
  bool running_ = false;
};

class BudgetMeter {
 public:
  explicit BudgetMeter(const recipe::Budget& budget) : budget_(budget) {}

  // Share of the budget spent at `position`, in [0, 1].
  [[nodiscard]] double share(const Position& position) const;
  [[nodiscard]] bool exhausted(const Position& position) const { return share(position) >= 1; }
  // Training time that is left, from the pace so far when the budget is not a time; 0 at the start.
  [[nodiscard]] Seconds left(const Position& position) const;
  [[nodiscard]] bool is_time() const { return budget_.time.has_value(); }

 private:
  recipe::Budget budget_;
};

}  // namespace cram::train
