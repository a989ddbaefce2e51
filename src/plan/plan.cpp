#include "cram/plan/plan.h"

#include <algorithm>
#include <set>

#include "cram/base/error.h"
#include "cram/base/log.h"
#include "cram/base/units.h"

namespace cram::plan {
namespace {

double beyond(double value, const Range& range) {
  return std::max({1.0, range.least / value, value / range.most});
}

PlannedRun planned(Seconds budget, const Candidate& candidate, const Trial& trial) {
  const Law& law = *candidate.law;
  PlannedRun run{candidate,
                 trial,
                 body_parameters(candidate.recipe),
                 budget.count() * trial.tokens_per_second,
                 {},
                 {},
                 0,
                 {}};
  run.loss = law.forecast.loss(run.parameters, run.tokens);
  if (law.bytes_per_token) run.loss_per_byte = run.loss.expected / *law.bytes_per_token;
  run.reach = {beyond(run.parameters, range_of(law, &study::LossPoint::parameters)),
               beyond(run.tokens, range_of(law, &study::LossPoint::tokens)),
               beyond(aspect(candidate.recipe.model), {law.narrowest, law.widest})};
  return run;
}

// What of a loss is compared.
double scale(const Plan& plan, const PlannedRun& run) {
  return plan.is_per_byte ? 1 / *run.candidate.law->bytes_per_token : 1;
}

bool has_several_vocabularies(const Plan& plan) {
  std::set<std::int64_t> found;
  for (const PlannedRun& run : plan.runs) found.insert(run.candidate.law->kind.vocabulary);
  return found.size() > 1;
}

void check_comparable(const Plan& plan) {
  for (const PlannedRun& run : plan.runs) {
    if (run.loss_per_byte) continue;
    const std::string vocabulary = std::to_string(run.candidate.law->kind.vocabulary);
    throw Error(ErrorCode::kData,
                "the packed text of the studied vocabulary of " + vocabulary +
                    " is gone from the cache: without its bytes no loss compares with another "
                    "vocabulary's",
                "`cram prepare` packs it again; or plan with one: --vocabulary " + vocabulary);
  }
}

// In how many of the resampled worlds each run is the best.
void count_wins(Plan& plan) {
  std::vector<std::vector<double>> losses;
  for (const PlannedRun& run : plan.runs) {
    losses.push_back(run.candidate.law->forecast.resampled(run.parameters, run.tokens));
    for (double& loss : losses.back()) loss *= scale(plan, run);
  }
  const std::size_t worlds = losses.front().size();
  for (std::size_t world = 0; world < worlds; ++world) {
    const auto best = std::min_element(
        losses.begin(), losses.end(),
        [&](const auto& left, const auto& right) { return left[world] < right[world]; });
    plan.runs[static_cast<std::size_t>(best - losses.begin())].best_share +=
        1 / static_cast<double>(worlds);
  }
}

std::string label(const Candidate& candidate) {
  const recipe::Recipe& recipe = candidate.recipe;
  return "width " + std::to_string(recipe.model.hidden_size) + ", " +
         std::to_string(recipe.model.layers) + " layers, " + to_text(candidate.law->kind);
}

void add(Plan& plan, const Candidate& candidate, const TrialResult& result) {
  if (const auto* obstacle = std::get_if<Obstacle>(&result)) {
    log::info("  left out: " + obstacle->reason);
    plan.skipped.push_back({candidate, obstacle->reason});
    return;
  }
  plan.runs.push_back(planned(plan.budget, candidate, std::get<Trial>(result)));
  log::info("  " + format_short(plan.runs.back().trial.tokens_per_second) + " tokens/s");
}

}  // namespace

Plan make_plan(Seconds budget, const std::vector<Candidate>& candidates, const TryOut& try_out) {
  Plan plan{.budget = budget, .runs = {}, .skipped = {}};
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    log::info("measuring  " + std::to_string(i + 1) + " of " + std::to_string(candidates.size()) +
              ": " + label(candidates[i]));
    add(plan, candidates[i], try_out(candidates[i]));
  }
  if (plan.runs.empty()) {
    throw Error(ErrorCode::kOutOfMemory, "none of the models fits on this machine",
                "ask for smaller ones with --width and --layers");
  }
  plan.is_per_byte = has_several_vocabularies(plan);
  if (plan.is_per_byte) check_comparable(plan);
  count_wins(plan);
  std::stable_sort(plan.runs.begin(), plan.runs.end(), [&](const auto& left, const auto& right) {
    return left.loss.expected * scale(plan, left) < right.loss.expected * scale(plan, right);
  });
  return plan;
}

}  // namespace cram::plan
