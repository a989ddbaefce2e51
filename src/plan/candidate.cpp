#include "cram/plan/candidate.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "cram/base/error.h"
#include "cram/base/units.h"
#include "cram/recipe/load.h"

namespace cram::plan {
namespace {

// How far from the base, and from the shapes that were studied, is tried unasked.
constexpr double kWidthFactors[] = {0.5, 0.75, 1, 1.5, 2};
constexpr double kLayerFactors[] = {0.5, 0.75, 1, 1.5, 2, 3};
constexpr double kShapeTolerance = 1.25;

using Numbers = std::vector<std::int64_t>;

std::int64_t head_width(const recipe::Model& model) { return model.hidden_size / model.heads; }

// The whole multiple of `unit` nearest to `value`, at least one.
std::int64_t nearest_multiple(double value, std::int64_t unit) {
  return unit * std::max<std::int64_t>(1, std::llround(value / static_cast<double>(unit)));
}

Numbers around(std::int64_t middle, std::span<const double> factors, std::int64_t unit) {
  std::set<std::int64_t> found;
  for (const double factor : factors) {
    found.insert(nearest_multiple(factor * static_cast<double>(middle), unit));
  }
  return {found.begin(), found.end()};
}

Numbers each_once(Numbers numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

// Of the numbers around the base's those that give a studied shape; else the nearest to one.
Numbers layers_for(std::int64_t width, std::int64_t base_layers, const Law& law) {
  Numbers all = around(base_layers, kLayerFactors, 1), fitting;
  const auto strangeness = [&](std::int64_t layers) {
    const double shape = static_cast<double>(width) / static_cast<double>(layers);
    return std::max({1.0, law.narrowest / shape, shape / law.widest});
  };
  std::copy_if(all.begin(), all.end(), std::back_inserter(fitting),
               [&](std::int64_t layers) { return strangeness(layers) <= kShapeTolerance; });
  if (!fitting.empty()) return fitting;
  return {*std::min_element(all.begin(), all.end(), [&](std::int64_t left, std::int64_t right) {
    return strangeness(left) < strangeness(right);
  })};
}

void check_width(std::int64_t width, const recipe::Model& base) {
  const std::int64_t head = head_width(base);
  if (width > 0 && width % head == 0) return;
  throw Error(ErrorCode::kUsage,
              "--width " + std::to_string(width) + ": the recipe's heads are " +
                  std::to_string(head) + " wide, so a model is a multiple of that",
              "such as " + std::to_string(nearest_multiple(static_cast<double>(width), head)));
}

// That every wish is one of what laws speak of.
void check_known(const char* option, const char* key, const Numbers& wishes,
                 const Evidence& evidence, std::int64_t Kind::*number) {
  for (const std::int64_t wish : wishes) {
    std::set<std::string> known;
    for (const Law& law : evidence.laws) known.insert(std::to_string(law.kind.*number));
    if (known.contains(std::to_string(wish))) continue;
    std::string list;
    for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
    throw Error(ErrorCode::kUsage,
                std::string(option) + " " + std::to_string(wish) +
                    ": the studies say nothing about it, only about " + list,
                std::string("a study of sizes and budgets with ") + key + "=" +
                    std::to_string(wish) + " would");
  }
}

bool is_wished(const Numbers& wishes, std::int64_t number) {
  return wishes.empty() || std::find(wishes.begin(), wishes.end(), number) != wishes.end();
}

std::string setting(const std::string& key, std::int64_t value) {
  return key + "=" + std::to_string(value);
}

class Maker {
 public:
  Maker(const Base& base, const Wishes& wishes) : base_(base), wishes_(wishes) {}

  void add_all(const Law& law) {
    const recipe::Model& model = base_.recipe.model;
    const Numbers widths = wishes_.widths.empty()
                               ? around(model.hidden_size, kWidthFactors, head_width(model))
                               : each_once(wishes_.widths);
    for (const std::int64_t width : widths) {
      const Numbers layers =
          wishes_.layers.empty() ? layers_for(width, model.layers, law) : each_once(wishes_.layers);
      for (const std::int64_t number : layers) add(law, width, number);
    }
  }

  std::vector<Candidate> made;

 private:
  // Another for each run that a plan may propose.
  [[nodiscard]] std::string name(const Kind& kind, std::int64_t width, std::int64_t layers) const {
    const recipe::Recipe& base = base_.recipe;
    std::string name = "plan";
    if (base.budget.time) name += "-" + format_duration(*base.budget.time);
    name += "-w" + std::to_string(width) + "-l" + std::to_string(layers);
    if (kind.batch != base.batch.size) name += "-b" + std::to_string(kind.batch);
    if (kind.vocabulary != base.tokenizer.vocab_size)
      name += "-v" + std::to_string(kind.vocabulary);
    return name;
  }

  // What equals the base's stays unsaid.
  void add(const Law& law, std::int64_t width, std::int64_t layers) {
    const recipe::Recipe& base = base_.recipe;
    Candidate candidate{base_.settings, {}, &law};
    auto& settings = candidate.settings;
    settings.push_back("name=" + name(law.kind, width, layers));
    const auto set = [&](const char* key, std::int64_t value, std::int64_t before) {
      if (value != before) settings.push_back(setting(key, value));
    };
    set("model.layers", layers, base.model.layers);
    set("model.hidden_size", width, base.model.hidden_size);
    set("model.heads", width / head_width(base.model), base.model.heads);
    set("model.intermediate_size", inner_width(width), base.model.intermediate_size);
    set("batch.size", law.kind.batch, base.batch.size);
    set("tokenizer.vocab_size", law.kind.vocabulary, base.tokenizer.vocab_size);
    candidate.recipe = recipe::load(base_.file, settings);
    made.push_back(std::move(candidate));
  }

  [[nodiscard]] std::int64_t inner_width(std::int64_t width) const {
    const recipe::Model& model = base_.recipe.model;
    return std::llround(static_cast<double>(width) * static_cast<double>(model.intermediate_size) /
                        static_cast<double>(model.hidden_size));
  }

  const Base& base_;
  const Wishes& wishes_;
};

}  // namespace

Base base_of(const recipe::Study& study, const std::vector<std::string>& settings) {
  const recipe::StudyRun& first = study.runs.front();
  std::vector<std::string> all = first.settings;
  for (const recipe::StudyRun& run : study.runs) {
    if (run.file != first.file) {
      throw Error(
          ErrorCode::kUsage,
          study.name + ": its runs start from " + first.file.string() + " and " + run.file.string(),
          "--config says which recipe to plan with");
    }
    std::erase_if(all, [&](const std::string& one) {
      return one.starts_with("budget.") ||
             std::find(run.settings.begin(), run.settings.end(), one) == run.settings.end();
    });
  }
  all.insert(all.end(), settings.begin(), settings.end());
  return base_of(first.file, all);
}

Base base_of(const std::filesystem::path& file, const std::vector<std::string>& settings) {
  Base base{file, settings, recipe::load(file, settings)};
  if (!base.recipe.model.from.empty()) {
    throw Error(ErrorCode::kUsage, "model.from: a plan is for models that start from nothing",
                "plan with a recipe without it");
  }
  return base;
}

std::vector<Candidate> make_candidates(const Base& base, const Wishes& wishes,
                                       const Evidence& evidence) {
  for (const std::int64_t width : wishes.widths) check_width(width, base.recipe.model);
  check_known("--batch", "batch.size", wishes.batches, evidence, &Kind::batch);
  check_known("--vocabulary", "tokenizer.vocab_size", wishes.vocabularies, evidence,
              &Kind::vocabulary);
  Maker maker(base, wishes);
  for (const Law& law : evidence.laws) {
    const bool wished = is_wished(wishes.batches, law.kind.batch) &&
                        is_wished(wishes.vocabularies, law.kind.vocabulary);
    if (wished) maker.add_all(law);
  }
  if (maker.made.empty()) {
    throw Error(ErrorCode::kUsage, "no study has the wished batches with the wished vocabularies",
                "a batch and a vocabulary are known together or not at all");
  }
  return std::move(maker.made);
}

}  // namespace cram::plan
