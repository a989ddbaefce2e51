#include "cram/optim/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "cram/base/error.h"

namespace cram::optim {

namespace {

using recipe::Schedule;
using recipe::ScheduleShape;

// The shape before any cool-down.
double shape_factor(const Schedule& schedule, double spent) {
  const double warmup = schedule.warmup;
  if (spent < warmup) return spent / warmup;
  switch (schedule.shape) {
    case ScheduleShape::kLinear:
      return (1.0 - spent) / (1.0 - warmup);
    case ScheduleShape::kCosine:
      return 0.5 * (1.0 + std::cos(std::numbers::pi * (spent - warmup) / (1.0 - warmup)));
    case ScheduleShape::kInverseSqrt:
      return std::sqrt(warmup / spent);
    default:
      return 1.0;
  }
}

double with_cooldown(const Schedule& schedule, double spent) {
  const double cooldown_start = 1.0 - schedule.cooldown;
  if (spent <= cooldown_start) return shape_factor(schedule, spent);
  return shape_factor(schedule, cooldown_start) * (1.0 - spent) / schedule.cooldown;
}

}  // namespace

double learning_rate_factor(const Schedule& schedule, double spent) {
  spent = std::clamp(spent, 0.0, 1.0);
  switch (schedule.shape) {
    case ScheduleShape::kTriangle:
      // Not the minimum of both sides, so that a peak at either end needs no division by zero.
      if (spent >= 1.0) return 0.0;
      if (spent >= schedule.peak_at) return (1.0 - spent) / (1.0 - schedule.peak_at);
      return schedule.start + spent * (1.0 - schedule.start) / schedule.peak_at;
    case ScheduleShape::kOneCycle:
      return spent < 0.5 ? 2.0 * spent : 2.0 - 2.0 * spent;
    case ScheduleShape::kLinear:
    case ScheduleShape::kCosine:
      return spent >= 1.0 ? 0.0 : shape_factor(schedule, spent);
    case ScheduleShape::kInverseSqrt:
      if (schedule.warmup <= 0.0) {
        throw Error(ErrorCode::kUsage, "schedule.shape: inverse-sqrt needs a warm-up",
                    "set schedule.warmup to a share of the budget, such as 0.05");
      }
      return with_cooldown(schedule, spent);
    case ScheduleShape::kConstant:
      return with_cooldown(schedule, spent);
  }
  throw Error(ErrorCode::kInternal, "schedule.shape: unknown shape");
}

std::int64_t batch_size(const recipe::Batch& batch, std::int64_t micro_batch, double spent) {
  if (micro_batch < 1) throw Error(ErrorCode::kInternal, "a micro-batch holds at least 1 sequence");
  const std::int64_t passes =
      std::max<std::int64_t>(1, (batch.size + micro_batch / 2) / micro_batch);
  spent = std::clamp(spent, 0.0, 1.0);
  if (spent >= batch.ramp) return passes * micro_batch;
  const double ramped =
      static_cast<double>(batch.size) * spent / batch.ramp / static_cast<double>(micro_batch);
  return std::min(static_cast<std::int64_t>(ramped) + 1, passes) * micro_batch;
}

std::int64_t sequence_length(const recipe::Sequence& sequence, double spent) {
  const std::int64_t start = sequence.start_length.value_or(sequence.length);
  int doublings = 0;
  while (start << doublings < sequence.length) ++doublings;
  if (spent >= sequence.growth) return sequence.length;
  return start << static_cast<int>(std::max(0.0, spent) / sequence.growth * doublings);
}

double masking_rate(const recipe::Objective& objective, double spent) {
  const double start = objective.masking_rate;
  const double end = objective.masking_rate_end.value_or(start);
  return std::lerp(start, end, std::clamp(spent, 0.0, 1.0));
}

double muon_momentum(const recipe::Optimizer& optimizer, double spent) {
  const double start = optimizer.muon_momentum_start.value_or(optimizer.muon_momentum);
  const double warmup = optimizer.muon_momentum_warmup;
  if (spent >= warmup) return optimizer.muon_momentum;
  return std::lerp(start, optimizer.muon_momentum, std::max(0.0, spent) / warmup);
}

}  // namespace cram::optim
