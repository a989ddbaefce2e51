#include <nlohmann/json.hpp>

#include "cram/plan/tables.h"

#include "notes.h"

namespace cram::plan {
namespace {

using Json = nlohmann::ordered_json;

Json law_json(const Law& law) {
  const study::LossLaw& fit = law.forecast.law();
  Json points = Json::array();
  for (const study::LossPoint& point : law.forecast.points()) {
    points.push_back(
        {{"parameters", point.parameters}, {"tokens", point.tokens}, {"loss", point.loss}});
  }
  return {{"batch", law.kind.batch},
          {"vocabulary", law.kind.vocabulary},
          {"floor", fit.floor()},
          {"size_term", fit.size_term()},
          {"typical_parameters", fit.typical_parameters()},
          {"size_exponent", fit.size_exponent()},
          {"data_term", fit.data_term()},
          {"typical_tokens", fit.typical_tokens()},
          {"data_exponent", fit.data_exponent()},
          {"noise", law.forecast.noise()},
          {"runs_on_plateau", law.on_plateau},
          {"bytes_per_token", law.bytes_per_token ? Json(*law.bytes_per_token) : Json()},
          {"points", std::move(points)}};
}

Json candidate_json(const Candidate& candidate) {
  const recipe::Recipe& recipe = candidate.recipe;
  return {{"width", recipe.model.hidden_size},
          {"layers", recipe.model.layers},
          {"batch", recipe.batch.size},
          {"vocabulary", candidate.law->kind.vocabulary}};
}

Json run_json(const Base& base, const PlannedRun& run) {
  Json json = candidate_json(run.candidate);
  json.update(
      {{"parameters", run.parameters},
       {"tokens_per_second", run.trial.tokens_per_second},
       {"memory_bytes", run.trial.memory_bytes},
       {"training_tokens", run.trial.training_tokens},
       {"tokens", run.tokens},
       {"loss", run.loss.expected},
       {"loss_low", run.loss.low},
       {"loss_high", run.loss.high},
       {"loss_per_byte", run.loss_per_byte ? Json(*run.loss_per_byte) : Json()},
       {"best_share", run.best_share},
       {"beyond",
        {{"tokens", run.reach.tokens}, {"size", run.reach.size}, {"shape", run.reach.shape}}},
       {"command", command_of(base, run.candidate)}});
  return json;
}

}  // namespace

std::string to_json(const Shown& shown) {
  Json json{{"budget_seconds", shown.plan.budget.count()},
            {"confidence", study::LossForecast::kConfidence},
            {"is_per_byte", shown.plan.is_per_byte},
            {"laws", Json::array()},
            {"left_out", shown.evidence.left_out},
            {"runs", Json::array()},
            {"skipped", Json::array()},
            {"notes", notes_of(shown)}};
  for (const Law& law : shown.evidence.laws) json["laws"].push_back(law_json(law));
  for (const PlannedRun& run : shown.plan.runs) json["runs"].push_back(run_json(shown.base, run));
  for (const SkippedRun& skipped : shown.plan.skipped) {
    json["skipped"].push_back(candidate_json(skipped.candidate));
    json["skipped"].back()["reason"] = skipped.reason;
  }
  // A path need not be UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cram::plan
