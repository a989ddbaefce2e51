#include "cram/study/results.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/report/run_record.h"

#include "glue_scores.h"
#include "recorded.h"
#include "run_folders.h"
#include "text_scores.h"

namespace cram::study {
namespace {

namespace fs = std::filesystem;

constexpr double kNever = std::numeric_limits<double>::infinity();

bool has_ended(const report::RunRecord& record) {
  return !record.notes.empty() && record.notes.back().kind == "finished" &&
         !record.validations.empty();
}

std::string recipe_in(const fs::path& folder) {
  const fs::path file = folder / "recipe.yaml";
  return fs::exists(file) ? read_file(file) : "";
}

// Of the weights that the model folder gets.
void judge_by_average(RunResult& result) {
  for (report::Validation& at : result.curve) {
    at.loss = at.average_loss.value_or(at.loss);
    at.accuracy = at.average_accuracy.value_or(at.accuracy);
  }
}

void read_progress(const report::Progress& last, RunResult& result) {
  result.tokens = last.tokens;
  result.seconds = last.seconds;
  if (last.seconds > 0) result.tokens_per_second = static_cast<double>(last.tokens) / last.seconds;
}

// As the run found it when it began.
std::string corpus_of(const report::RunRecord& record) {
  for (const report::TimedNote& note : record.notes) {
    if (note.kind != "started") continue;
    const auto details = nlohmann::json::parse(note.details, nullptr, false);
    const auto key = details.is_object() ? details.find("corpus") : details.end();
    if (key != details.end() && key->is_string()) return key->get<std::string>();
  }
  return "";
}

RunResult read_result(const recipe::Study& study, const recipe::StudyRun& run) {
  RunResult result;
  result.variant = run.variant;
  result.seed = run.seed;
  const fs::path folder = run_folder(run);
  if (!fs::exists(folder / "events.jsonl")) return result;
  report::RunRecord record = report::read_run_record(folder / "events.jsonl");
  result.state = has_ended(record) && is_of_recipe(recipe_in(folder), run.recipe)
                     ? RunState::kFinished
                     : RunState::kUnfinished;
  result.corpus = corpus_of(record);
  result.curve = std::move(record.validations);
  if (run.recipe.averaging.exported == recipe::ExportedWeights::kAverage) judge_by_average(result);
  if (result.state == RunState::kFinished) {
    if (!study.text.empty()) result.text_score = read_text_score(study, run);
    if (study.glue) result.glue_mean = read_glue_mean(*study.glue, run);
  }
  if (!record.progress.empty()) read_progress(record.progress.back(), result);
  return result;
}

// Where the curve meets the target, in what `x` takes from a measurement.
double reached_at(const RunResult& run, double target,
                  const std::function<double(const report::Validation&)>& x) {
  for (std::size_t i = 0; i < run.curve.size(); ++i) {
    const report::Validation& here = run.curve[i];
    if (!(here.loss <= target)) continue;
    if (i == 0) return x(here);
    const report::Validation& before = run.curve[i - 1];
    const double share = (before.loss - target) / (before.loss - here.loss);
    return x(before) + share * (x(here) - x(before));
  }
  return kNever;
}

bool have_different_texts(const std::vector<RunResult>& runs) {
  std::set<std::string> texts;
  for (const RunResult& run : runs) {
    if (run.text_score) texts.insert(run.text_score->text_hash);
  }
  return texts.size() > 1;
}

class VariantReader {
 public:
  explicit VariantReader(const std::vector<RunResult>& runs) : runs_(runs) {}

  [[nodiscard]] VariantResult read(const std::string& variant) {
    VariantResult result;
    result.variant = variant;
    finished_.clear();
    for (const RunResult& run : runs_) {
      if (run.variant != variant) continue;
      ++result.planned;
      if (run.state != RunState::kFinished) continue;
      finished_.push_back(&run);
      result.seeds.push_back(run.seed);
    }
    if (finished_.empty()) return result;
    result.loss = spread([](const RunResult& run) { return run.curve.back().loss; });
    result.accuracy = spread([](const RunResult& run) { return run.curve.back().accuracy; });
    result.tokens = spread([](const RunResult& run) { return double(run.tokens); }).median;
    result.tokens_per_second =
        spread([](const RunResult& run) { return run.tokens_per_second; }).median;
    result.text_loss = text_spread(&TextScore::loss);
    result.text_bits_per_byte = text_spread(&TextScore::bits_per_byte);
    result.glue_mean = spread_of_scored([](const RunResult& run) { return run.glue_mean; });
    return result;
  }

  // Of the variant that was read last.
  [[nodiscard]] std::optional<double> reached(
      double target, const std::function<double(const report::Validation&)>& x) const {
    if (finished_.empty()) return std::nullopt;
    const double at =
        spread([&](const RunResult& run) { return reached_at(run, target, x); }).median;
    return std::isfinite(at) ? std::optional(at) : std::nullopt;
  }

 private:
  [[nodiscard]] std::optional<Spread> text_spread(double TextScore::*number) const {
    return spread_of_scored([number](const RunResult& run) {
      return run.text_score ? std::optional((*run.text_score).*number) : std::nullopt;
    });
  }

  // Of the runs that have the number.
  [[nodiscard]] std::optional<Spread> spread_of_scored(
      const std::function<std::optional<double>(const RunResult&)>& number) const {
    std::vector<double> values;
    for (const RunResult* run : finished_) {
      if (const auto value = number(*run)) values.push_back(*value);
    }
    if (values.empty()) return std::nullopt;
    return spread_of(std::move(values));
  }

  [[nodiscard]] Spread spread(const std::function<double(const RunResult&)>& number) const {
    std::vector<double> values;
    for (const RunResult* run : finished_) values.push_back(number(*run));
    return spread_of(std::move(values));
  }

  const std::vector<RunResult>& runs_;
  std::vector<const RunResult*> finished_;
};

}  // namespace

std::vector<RunResult> read_results(const recipe::Study& study) {
  std::vector<RunResult> results;
  for (const recipe::StudyRun& run : study.runs) results.push_back(read_result(study, run));
  return results;
}

Spread spread_of(std::vector<double> values) {
  if (values.empty()) throw Error(ErrorCode::kInternal, "the spread of no values");
  std::sort(values.begin(), values.end(),
            [](double a, double b) { return a < b || (!std::isnan(a) && std::isnan(b)); });
  const std::size_t half = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[half] : values[half - 1] / 2 + values[half] / 2;
  return {median, values.front(), values.back()};
}

Comparison compare(const recipe::Study& study, const std::vector<RunResult>& runs) {
  Comparison comparison{.is_scored_on_text = !study.text.empty(),
                        .is_fine_tuned = study.glue.has_value(),
                        .has_different_texts = have_different_texts(runs),
                        .target_loss = study.target_loss,
                        .variants = {}};
  VariantReader reader(runs);
  for (const std::string& variant : study.variants) {
    VariantResult result = reader.read(variant);
    if (!comparison.target_loss && comparison.variants.empty() && !result.seeds.empty()) {
      comparison.target_loss = result.loss.median;
    }
    if (comparison.target_loss) {
      const double target = *comparison.target_loss;
      result.seconds_to_target =
          reader.reached(target, [](const report::Validation& at) { return at.seconds; });
      result.tokens_to_target =
          reader.reached(target, [](const report::Validation& at) { return double(at.tokens); });
    }
    comparison.variants.push_back(std::move(result));
  }
  return comparison;
}

}  // namespace cram::study
