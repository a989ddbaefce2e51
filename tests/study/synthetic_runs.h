// Runs of a study whose law is known: four sizes with three budgets each.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "cram/study/loss_law.h"

namespace cram::test {

struct Truth {
  double floor, size_term, size_exponent, data_term, data_exponent;
};
inline constexpr Truth kTruth{1.6, 0.9, 0.25, 1.7, 0.35};

inline double true_loss(double parameters, double tokens) {
  return kTruth.floor + kTruth.size_term * std::pow(parameters / 2e6, -kTruth.size_exponent) +
         kTruth.data_term * std::pow(tokens / 4e6, -kTruth.data_exponent);
}

// Each loss times exp(noise x), x standard normal.
inline std::vector<study::LossPoint> synthetic_runs(double noise, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<study::LossPoint> points;
  for (const double parameters : {0.5e6, 1.5e6, 2.6e6, 7.4e6}) {
    for (const double tokens : {1.5e6, 4e6, 10e6}) {
      points.push_back(
          {parameters, tokens, true_loss(parameters, tokens) * std::exp(noise * normal(random))});
    }
  }
  return points;
}

}  // namespace cram::test
