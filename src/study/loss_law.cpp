#include "cram/study/loss_law.h"

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "cram/base/error.h"

#include "least_squares.h"

namespace cram::study {
namespace {

using Unknowns = LossLaw::Unknowns;
using Solver = LeastSquares<LossLaw::kUnknowns>;

constexpr std::size_t kFewestSizes = 3, kFewestBudgets = 3, kFewestRuns = 6;

// Of the residuals of log L: what lies farther out is no noise of a good run. Hoffmann et al. have
// 1e-3, at losses of large models; the seeds of small ones are some 1 % apart.
constexpr double kHuberWidth = 1e-2;

// Terms from a ten-thousandth of a nat on, exponents from nearly flat to far beyond what anybody
// has measured (0.34 and 0.28 in their paper).
constexpr std::pair<double, double> kTermBounds = {-9.2, 4.6};
constexpr std::pair<double, double> kExponentBounds = {0.01, 2.0};

struct Terms {
  double floor, size, data;
};

// Where a point lies, from the middle of them all.
struct Place {
  double log_size, log_tokens;
};

Terms terms_at(const Unknowns& unknowns, const Place& place) {
  return {std::exp(unknowns[0]), std::exp(unknowns[1] - unknowns[2] * place.log_size),
          std::exp(unknowns[3] - unknowns[4] * place.log_tokens)};
}

Residual<LossLaw::kUnknowns> residual_at(const Unknowns& unknowns, const Place& place,
                                         double log_loss) {
  const Terms terms = terms_at(unknowns, place);
  const double loss = terms.floor + terms.size + terms.data;
  const double size = terms.size / loss, data = terms.data / loss;
  return {std::log(loss) - log_loss,
          {terms.floor / loss, size, -size * place.log_size, data, -data * place.log_tokens}};
}

Place place_of(const LossLaw& law, double parameters, double tokens) {
  return {std::log(parameters / law.typical_parameters()), std::log(tokens / law.typical_tokens())};
}

Solver solver_of(const LossLaw& law, std::span<const LossPoint> points) {
  std::vector<std::pair<Place, double>> observed;
  for (const LossPoint& point : points) {
    observed.emplace_back(place_of(law, point.parameters, point.tokens), std::log(point.loss));
  }
  return {[observed](const Unknowns& unknowns, std::size_t i) {
            return residual_at(unknowns, observed[i].first, observed[i].second);
          },
          points.size(),
          kHuberWidth,
          {kTermBounds, kTermBounds, kExponentBounds, kTermBounds, kExponentBounds}};
}

double smallest_loss(std::span<const LossPoint> points) {
  double smallest = std::numeric_limits<double>::infinity();
  for (const LossPoint& point : points) smallest = std::min(smallest, point.loss);
  return smallest;
}

// Where fits begin: how much of the smallest loss is the floor, how much of the rest comes from
// size, and the two exponents.
std::vector<Unknowns> starts(double smallest) {
  std::vector<Unknowns> all;
  for (const double floor : {0.1, 0.5, 0.9}) {
    for (const double size : {0.2, 0.5, 0.8}) {
      for (const double size_exponent : {0.1, 0.3, 1.0}) {
        for (const double data_exponent : {0.1, 0.3, 1.0}) {
          const double rest = smallest * (1 - floor);
          all.push_back({std::log(smallest * floor), std::log(rest * size), size_exponent,
                         std::log(rest * (1 - size)), data_exponent});
        }
      }
    }
  }
  return all;
}

double middle(std::span<const LossPoint> points, double LossPoint::*number) {
  double sum = 0;
  for (const LossPoint& point : points) sum += std::log(point.*number);
  return std::exp(sum / static_cast<double>(points.size()));
}

void check_numbers(std::span<const LossPoint> points) {
  for (const LossPoint& point : points) {
    for (const double number : {point.parameters, point.tokens, point.loss}) {
      if (std::isfinite(number) && number > 0) continue;
      throw Error(ErrorCode::kInternal, "a loss law of numbers that are none");
    }
  }
}

std::size_t count_different(std::span<const LossPoint> points, double LossPoint::*number) {
  std::set<double> values;
  for (const LossPoint& point : points) values.insert(point.*number);
  return values.size();
}

void check_number_of_points(std::span<const LossPoint> points) {
  const std::size_t sizes = count_different(points, &LossPoint::parameters),
                    budgets = count_different(points, &LossPoint::tokens);
  if (sizes >= kFewestSizes && budgets >= kFewestBudgets && points.size() >= kFewestRuns) return;
  throw Error(ErrorCode::kUsage,
              "a loss law needs " + std::to_string(kFewestRuns) + " runs with " +
                  std::to_string(kFewestSizes) + " sizes and " + std::to_string(kFewestBudgets) +
                  " budgets of tokens; here are " + std::to_string(points.size()) + " runs with " +
                  std::to_string(sizes) + " sizes and " + std::to_string(budgets) + " budgets",
              "configs/study/scaling.yaml is a study that has enough");
}

}  // namespace

LossLaw LossLaw::fit(std::span<const LossPoint> points) {
  check_numbers(points);
  check_number_of_points(points);
  LossLaw best(middle(points, &LossPoint::parameters), middle(points, &LossPoint::tokens));
  double least = std::numeric_limits<double>::infinity();
  for (const Unknowns& start : starts(smallest_loss(points))) {
    LossLaw law = best;
    law.unknowns_ = start;
    law = law.refit(points);
    const double misfit = law.misfit(points);
    if (misfit < least) {
      least = misfit;
      best = law;
    }
  }
  return best;
}

LossLaw LossLaw::refit(std::span<const LossPoint> points) const {
  LossLaw law = *this;
  law.unknowns_ = solver_of(*this, points).minimize(unknowns_);
  return law;
}

double LossLaw::misfit(std::span<const LossPoint> points) const {
  return solver_of(*this, points).cost(unknowns_);
}

double LossLaw::loss(double parameters, double tokens) const {
  const Terms terms = terms_at(unknowns_, place_of(*this, parameters, tokens));
  return terms.floor + terms.size + terms.data;
}

double LossLaw::residual(const LossPoint& point) const {
  return std::log(point.loss / loss(point.parameters, point.tokens));
}

double LossLaw::floor() const { return std::exp(unknowns_[0]); }
double LossLaw::size_term() const { return std::exp(unknowns_[1]); }
double LossLaw::data_term() const { return std::exp(unknowns_[3]); }

}  // namespace cram::study
