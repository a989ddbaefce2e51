#include "cram/plan/evidence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "cram/base/error.h"
#include "cram/corpus/manifest.h"
#include "cram/model/size.h"
#include "cram/recipe/load.h"
#include "cram/study/results.h"

namespace cram::plan {
namespace {

namespace fs = std::filesystem;

// Beyond the plateau.
constexpr double kLeastAccuracy = 0.2;

struct Run {
  const recipe::StudyRun* of;
  study::RunResult result;

  [[nodiscard]] const std::string& name() const { return of->recipe.name; }
  [[nodiscard]] const report::Validation& end() const { return result.curve.back(); }
};

bool may_differ(const recipe::Difference& difference) {
  constexpr std::array kFree = {
      "model.layers", "model.hidden_size", "model.heads",          "model.intermediate_size",
      "batch.size",   "batch.micro_batch", "tokenizer.vocab_size", "seed"};
  // What a run is computed on and in moves its loss by much less than its size and tokens do.
  constexpr std::array kFreeSections = {"budget.", "device.", "precision."};
  return difference.decides == recipe::Decides::kNothing ||
         std::any_of(kFreeSections.begin(), kFreeSections.end(),
                     [&](const char* section) { return difference.key.starts_with(section); }) ||
         std::find(kFree.begin(), kFree.end(), difference.key) != kFree.end();
}

// Why a run tells nothing; empty where it does.
std::string obstacle(const Run& run, const recipe::Recipe& base) {
  for (const auto& difference : recipe::differences(run.of->recipe, base)) {
    if (may_differ(difference)) continue;
    const auto shown = [](const std::string& value) { return value.empty() ? "unset" : value; };
    return difference.key + " is " + shown(difference.left) + " there and " +
           shown(difference.right) + " in the recipe";
  }
  if (run.result.state != study::RunState::kFinished) return "not finished";
  return std::isfinite(run.end().loss) && run.end().loss > 0 ? "" : "the loss is not finite";
}

using Reasons = std::map<std::string, std::vector<std::string>>;

std::vector<std::string> to_lines(const Reasons& reasons) {
  constexpr std::size_t kMostNames = 3;
  std::vector<std::string> lines;
  for (const auto& [reason, names] : reasons) {
    std::string line = std::to_string(names.size()) + (names.size() == 1 ? " run: " : " runs: ");
    line += reason + " (";
    for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i) {
      line += (i == 0 ? "" : ", ") + names[i];
    }
    lines.push_back(line + (names.size() > kMostNames ? ", ...)" : ")"));
  }
  return lines;
}

[[noreturn]] void refuse(const Run& left, const Run& right, const std::string& what) {
  throw Error(ErrorCode::kData,
              left.name() + " and " + right.name() + " cannot be compared: " + what,
              "give studies whose runs read the same text and have the same validation keys");
}

// Keys of validation decide nothing about a run, but all about what its loss means.
void check_same_measurement(const Run& left, const Run& right) {
  const recipe::Validation &a = left.of->recipe.validation, &b = right.of->recipe.validation;
  if (a.masking_rate != b.masking_rate) refuse(left, right, "validation.masking_rate differs");
  if (a.tokens != b.tokens) refuse(left, right, "validation.tokens differs");
}

// Of the same kind, so that the text is cut into the same tokens.
void check_same_text(const Run& left, const Run& right) {
  if (left.result.corpus != right.result.corpus) {
    refuse(left, right,
           "they are of different text, " + left.result.corpus + " and " + right.result.corpus);
  }
  if (left.end().masked_tokens != right.end().masked_tokens) {
    refuse(left, right,
           "they were measured on " + std::to_string(left.end().masked_tokens) + " and " +
               std::to_string(right.end().masked_tokens) + " masked tokens");
  }
}

Kind kind_of(const recipe::Recipe& recipe) {
  return {recipe.batch.size, recipe.tokenizer.vocab_size};
}

study::LossPoint point_of(const Run& run) {
  return {body_parameters(run.of->recipe), static_cast<double>(run.end().tokens), run.end().loss};
}

std::optional<double> bytes_per_token(const Run& run) {
  const fs::path folder = fs::path(run.of->recipe.data.cache) / ("corpus-" + run.result.corpus);
  if (run.result.corpus.empty() || !fs::exists(folder)) return std::nullopt;
  const corpus::TextSummary text = corpus::Manifest::read(folder).text;
  if (text.tokens == 0) return std::nullopt;
  return static_cast<double>(text.bytes) / static_cast<double>(text.tokens);
}

Law law_of(const Kind& kind, const std::vector<Run>& runs) {
  std::vector<study::LossPoint> points;
  std::size_t on_plateau = 0;
  for (const Run& run : runs) {
    check_same_text(runs.front(), run);
    points.push_back(point_of(run));
    if (run.end().accuracy < kLeastAccuracy) ++on_plateau;
  }
  const auto [narrowest, widest] =
      std::minmax_element(runs.begin(), runs.end(), [](const Run& left, const Run& right) {
        return aspect(left.of->recipe.model) < aspect(right.of->recipe.model);
      });
  return {kind,
          study::LossForecast(std::move(points)),
          aspect(narrowest->of->recipe.model),
          aspect(widest->of->recipe.model),
          on_plateau,
          bytes_per_token(runs.front())};
}

// Puts each run where it belongs.
class Sorter {
 public:
  explicit Sorter(const recipe::Recipe& base) : base_(base) {}

  void add(const Run& run) {
    // The same study may be named twice: its runs tell what they tell once.
    const recipe::Recipe& recipe = run.of->recipe;
    if (!seen_.insert(fs::path(recipe.runs_folder) / recipe.name).second) return;
    const std::string reason = obstacle(run, base_);
    if (!reason.empty()) {
      reasons_[reason].push_back(run.name());
      return;
    }
    if (!first_) first_ = run;
    check_same_measurement(*first_, run);
    kinds_[kind_of(run.of->recipe)].push_back(run);
  }

  [[nodiscard]] Evidence finish() {
    std::vector<Law> laws;
    for (const auto& [kind, runs] : kinds_) {
      try {
        laws.push_back(law_of(kind, runs));
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kUsage) throw;
        for (const Run& run : runs)
          reasons_[to_text(kind) + ": " + error.what()].push_back(run.name());
      }
    }
    if (laws.empty()) throw_nothing_to_learn();
    return {std::move(laws), to_lines(reasons_)};
  }

 private:
  [[noreturn]] void throw_nothing_to_learn() const {
    std::string message = "there are not runs enough for a law of the loss";
    for (const std::string& line : to_lines(reasons_)) message += "; " + line;
    throw Error(ErrorCode::kUsage, message,
                "configs/study/scaling.yaml is a study that has enough");
  }

  const recipe::Recipe& base_;
  std::set<fs::path> seen_;
  std::map<Kind, std::vector<Run>> kinds_;
  Reasons reasons_;
  std::optional<Run> first_;
};

}  // namespace

std::string to_text(const Kind& kind) {
  return "batches of " + std::to_string(kind.batch) + " and a vocabulary of " +
         std::to_string(kind.vocabulary);
}

Range range_of(const Law& law, double study::LossPoint::*number) {
  const auto& points = law.forecast.points();
  const auto [least, most] = std::minmax_element(
      points.begin(), points.end(),
      [&](const auto& left, const auto& right) { return left.*number < right.*number; });
  return {*least.*number, *most.*number};
}

double body_parameters(const recipe::Recipe& recipe) {
  const model::ParameterCount count =
      model::count_parameters(recipe.model, {recipe.sequence.length, recipe.tokenizer.vocab_size});
  return static_cast<double>(count.total - count.embedding);
}

double aspect(const recipe::Model& model) {
  return static_cast<double>(model.hidden_size) / static_cast<double>(model.layers);
}

Evidence gather(const std::vector<recipe::Study>& studies, const recipe::Recipe& base) {
  Sorter sorter(base);
  for (const recipe::Study& study : studies) {
    const auto results = study::read_results(study);
    for (std::size_t i = 0; i < results.size(); ++i) sorter.add({&study.runs[i], results[i]});
  }
  return sorter.finish();
}

}  // namespace cram::plan
