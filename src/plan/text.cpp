#include "cram/base/units.h"
#include "cram/plan/tables.h"
#include "cram/report/text_table.h"

#include "notes.h"

namespace cram::plan {
namespace {

using Row = std::vector<std::string>;

std::string range(const Law& law, double study::LossPoint::*number) {
  const Range studied = range_of(law, number);
  return format_short(studied.least) + " to " + format_short(studied.most);
}

std::string term(double height, double typical, const std::string& variable, double exponent) {
  return format_fixed(height, 3) + " (" + format_short(typical) + " / " + variable + ")^" +
         format_fixed(exponent, 2);
}

std::string law_lines(const Law& law) {
  const study::LossLaw& fit = law.forecast.law();
  return "studied  " + std::to_string(law.forecast.points().size()) + " runs, " +
         to_text(law.kind) + ": " + range(law, &study::LossPoint::parameters) +
         " parameters (N, without embeddings), " + range(law, &study::LossPoint::tokens) +
         " tokens (D)\n" + "law      loss = " + format_fixed(fit.floor(), 3) + " + " +
         term(fit.size_term(), fit.typical_parameters(), "N", fit.size_exponent()) + " + " +
         term(fit.data_term(), fit.typical_tokens(), "D", fit.data_exponent()) +
         "; runs stray from it by " + format_fixed(100 * law.forecast.noise(), 1) + " %\n";
}

std::string beyond(const Reach& reach) {
  std::string text;
  const auto add = [&](const char* what, double factor) {
    if (!is_stretch(factor)) return;
    text += (text.empty() ? "" : ", ") + std::string(what) + " " + format_factor(factor) + "x";
  };
  add("tokens", reach.tokens);
  add("size", reach.size);
  add("shape", reach.shape);
  return text;
}

Row heads(const Plan& plan) {
  Row row = {"width",  "layers", "batch", "vocabulary",   "parameters", "tokens/s",
             "memory", "tokens", "loss",  "90 % of runs", "best in",    "beyond the studies"};
  if (plan.is_per_byte) row.insert(row.begin() + 8, "per byte");
  return row;
}

Row row_of(const Plan& plan, const PlannedRun& run) {
  const recipe::Recipe& recipe = run.candidate.recipe;
  Row row = {std::to_string(recipe.model.hidden_size),
             std::to_string(recipe.model.layers),
             std::to_string(recipe.batch.size),
             std::to_string(run.trial.vocabulary),
             format_short(run.parameters),
             format_short(run.trial.tokens_per_second),
             format_bytes(run.trial.memory_bytes),
             format_short(run.tokens),
             format_fixed(run.loss.expected, 3),
             format_fixed(run.loss.low, 3) + " to " + format_fixed(run.loss.high, 3),
             format_fixed(100 * run.best_share, 0) + " %",
             beyond(run.reach)};
  if (plan.is_per_byte) row.insert(row.begin() + 8, format_fixed(run.loss_per_byte.value(), 4));
  return row;
}

std::string skipped_line(const SkippedRun& skipped) {
  const recipe::Recipe& recipe = skipped.candidate.recipe;
  return "left out: width " + std::to_string(recipe.model.hidden_size) + ", " +
         std::to_string(recipe.model.layers) + " layers, batches of " +
         std::to_string(recipe.batch.size) + ": " + skipped.reason + "\n";
}

}  // namespace

std::string to_text(const Shown& shown) {
  const Plan& plan = shown.plan;
  std::string text;
  for (const Law& law : shown.evidence.laws) text += law_lines(law);
  for (const std::string& line : shown.evidence.left_out) text += "left out " + line + "\n";
  std::vector<Row> rows = {heads(plan)};
  for (const PlannedRun& run : plan.runs) rows.push_back(row_of(plan, run));
  text += "\nwhat " + format_duration(plan.budget) + " buy on this machine, best first\n\n" +
          report::text_table(rows);
  for (const SkippedRun& skipped : plan.skipped) text += skipped_line(skipped);
  text += "\n";
  for (const std::string& note : notes_of(shown)) text += note + "\n";
  return text + "\n" + command_of(shown.base, plan.runs.front().candidate) + "\n";
}

}  // namespace cram::plan
