// The part of a recipe that says how the weights move.
#pragma once

#include <cstdint>
#include <optional>

namespace cram::recipe {

enum class OptimizerType { kAdamW, kAdam, kMuon, kNorMuon, kLion, kLamb, kAdafactor, kSgd };

struct Optimizer {
  OptimizerType type = OptimizerType::kAdamW;
  double learning_rate = 1e-3;  // peak
  double beta1 = 0.9;
  double beta2 = 0.98;
  double epsilon = 1e-12;
  double weight_decay = 0.01;
  double clip_norm = 0.5;  // global gradient norm; 0: no clipping
  // Muon: matrices of the hidden layers; everything else goes to AdamW with the values above.
  double muon_learning_rate = 0.02;
  double muon_momentum = 0.95;
  double muon_weight_decay = 0.0;
  std::optional<double> muon_momentum_start = {};  // rises linearly from this …
  double muon_momentum_warmup = 0.05;              // … over this share of the budget
  double muon_beta2 = 0.95;                        // NorMuon
  double momentum = 0.9;                           // SGD
  bool operator==(const Optimizer&) const = default;
};

enum class ScheduleShape { kTriangle, kOneCycle, kLinear, kCosine, kConstant, kInverseSqrt };

// All fractions are shares of the budget.
struct Schedule {
  ScheduleShape shape = ScheduleShape::kTriangle;
  double warmup = 0.0;    // rises linearly from 0
  double cooldown = 0.0;  // falls linearly to 0 (constant, inverse-sqrt)
  double start = 0.25;    // triangle: factor at the start
  double peak_at = 0.75;  // triangle: where the factor is 1
  bool operator==(const Schedule&) const = default;
};

struct Batch {
  std::int64_t size = 8192;                      // sequences an update
  double ramp = 0.0;                             // grows linearly over this share of the budget
  std::optional<std::int64_t> micro_batch = {};  // sequences a pass; empty: found by itself
  bool operator==(const Batch&) const = default;
};

enum class AveragingType { kNone, kEma, kLatest };
enum class ExportedWeights { kRaw, kAverage };

// A second set of weights, averaged over the way, beside those that are trained.
struct Averaging {
  AveragingType type = AveragingType::kNone;
  double decay = 0.999;    // EMA: kept of the average at each update
  std::int64_t count = 5;  // latest: snapshots in the mean
  double every = 0.02;     // latest: share of the budget from one snapshot to the next
  ExportedWeights exported = ExportedWeights::kRaw;  // what the model folder gets
  bool operator==(const Averaging&) const = default;
};

}  // namespace cram::recipe
