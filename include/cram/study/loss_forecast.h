// What a loss law says about runs that nobody has made yet, and how sure that is.
//
// The uncertainty comes from resampling the runs with replacement (the bootstrap of Efron 1979):
// each resample gives a law of its own, and far from what was measured these laws part. They do not
// part enough: of simulated runs with 1 % of noise, ranges of 90 % held 85 to 91 % among the runs
// studied and 69 to 77 % far beyond them with nine to twelve runs, 63 and 57 % with six.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cram/study/loss_law.h"

namespace cram::study {

struct Interval {
  double expected = 0, low = 0, high = 0;
};

class LossForecast {
 public:
  static constexpr std::size_t kResamples = 1000;
  static constexpr double kConfidence = 0.9;

  // Throws as LossLaw::fit(). Every forecast of the same points and seed is the same.
  explicit LossForecast(std::vector<LossPoint> points, std::size_t resamples = kResamples,
                        std::uint64_t seed = 0);

  [[nodiscard]] const std::vector<LossPoint>& points() const { return points_; }
  [[nodiscard]] const LossLaw& law() const { return law_; }
  // How far a run strays from the law, as a share of its loss: a standard deviation.
  [[nodiscard]] double noise() const { return noise_; }

  // The law's loss and the range that kConfidence of such runs end in, noise of their own and all.
  [[nodiscard]] Interval loss(double parameters, double tokens) const;
  // By the law of each resample, without noise: to compare models under the same law.
  [[nodiscard]] std::vector<double> resampled(double parameters, double tokens) const;

 private:
  std::vector<LossPoint> points_;
  LossLaw law_;
  double noise_;
  std::vector<LossLaw> laws_;
  std::vector<double> strays_;  // of a run, one for each law: factors of its loss
};

}  // namespace cram::study
